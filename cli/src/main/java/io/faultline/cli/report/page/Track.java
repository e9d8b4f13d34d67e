package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;

/** A plot of the timeline. */
interface Track {
  /** Its name, in the left margin. */
  String title();

  /** What is more to say, below the title; may be empty. */
  String subtitle();

  double height();

  /** Draws it below a line. */
  void draw(Svg svg, TimeAxis axis, double top);
}
