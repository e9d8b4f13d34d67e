package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import java.util.List;

/** The phases of one side as bands, with losses of the connection marked above them. */
final class PhaseTrack implements Track {
  private static final double HEIGHT = 22;

  /** About the width of a character of a label. */
  private static final double CHARACTER = 6.6;

  private final String side;
  private final List<Phases.Phase> phases;

  PhaseTrack(String side, List<Phases.Phase> phases) {
    this.side = side;
    this.phases = phases;
  }

  @Override
  public String title() {
    return side;
  }

  @Override
  public String subtitle() {
    return "";
  }

  @Override
  public double height() {
    return HEIGHT;
  }

  @Override
  public void draw(Svg svg, TimeAxis axis, double top) {
    for (Phases.Phase phase : phases) {
      draw(svg, axis, top, phase);
    }
  }

  private static void draw(Svg svg, TimeAxis axis, double top, Phases.Phase phase) {
    double x = axis.x(phase.startNanos());
    double end = axis.x(phase.endNanos());
    double width = Math.max(0.8, end - x - 1);
    String length = Units.nanos(phase.endNanos() - phase.startNanos());
    svg.group("phase", phase.name());
    svg.tooltip(phase.title() + ", " + length + " from " + axis.format(phase.startNanos()));
    svg.rect("phase " + phase.name(), x, top, width, HEIGHT);
    words(svg, x + width / 2, top + 15, width, phase.title(), length);
    if (phase.name().equals("paused")) {
      svg.path("loss", "M%s %sl-4 -7h8z".formatted(Svg.n(x), Svg.n(top)));
    }
    svg.endGroup();
  }

  /** As many words as fit. */
  private static void words(
      Svg svg, double x, double y, double width, String title, String length) {
    String both = title + ", " + length;
    String shorter = title.replace("precopy round ", "");
    for (String each : new String[] {both, title, shorter}) {
      if (each.length() * CHARACTER < width - 6) {
        svg.words("in", "middle", x, y, each);
        return;
      }
    }
  }
}
