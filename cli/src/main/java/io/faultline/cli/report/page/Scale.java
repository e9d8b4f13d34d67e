package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;

/** The vertical axis of a track that starts at 0. */
final class Scale {
  private Scale() {}

  /**
   * Draws the lines of 0 and of the largest value.
   *
   * @param words the largest value, for the user
   */
  static void draw(Svg svg, double top, double height, double most, String words) {
    double right = TimeAxis.LEFT + TimeAxis.WIDTH;
    svg.line("base", TimeAxis.LEFT, top + height, right, top + height);
    if (most > 0) {
      svg.line("grid", TimeAxis.LEFT, top, right, top);
      svg.line("grid", TimeAxis.LEFT, top + height / 2, right, top + height / 2);
      svg.words("label", "end", TimeAxis.LEFT - 6, top + 4, words);
    }
    svg.words("label", "end", TimeAxis.LEFT - 6, top + height + 4, "0");
  }
}
