package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import io.faultline.source.recording.OutgoingEvents;
import java.util.List;

/** How fast the guest wrote memory: for each precopy round what was dirty after it, by its time. */
final class DirtyRateTrack implements Track {
  private static final double HEIGHT = 44;

  private final List<OutgoingEvents.Round> rounds;
  private final double most;

  DirtyRateTrack(List<OutgoingEvents.Round> rounds) {
    this.rounds = rounds;
    most =
        Units.niceBytes(
            Math.max(1, rounds.stream().mapToDouble(DirtyRateTrack::rate).max().orElse(1)));
  }

  private static double rate(OutgoingEvents.Round round) {
    return round.dirtyBytes() / Math.max(1e-9, (round.endNanos() - round.startNanos()) / 1e9);
  }

  @Override
  public String title() {
    return "Dirty rate";
  }

  @Override
  public String subtitle() {
    return "of each round";
  }

  @Override
  public double height() {
    return HEIGHT;
  }

  @Override
  public void draw(Svg svg, TimeAxis axis, double top) {
    svg.group("mark", "dirty-rate");
    Scale.draw(svg, top, HEIGHT, most, Units.bytes(most) + "/s");
    for (OutgoingEvents.Round round : rounds) {
      double x = axis.x(round.startNanos());
      double height = HEIGHT * rate(round) / most;
      svg.group("mark", "dirty-round");
      svg.tooltip("precopy round " + round.number() + ": " + Units.bytes(rate(round)) + "/s");
      svg.rect("dirty", x, top + HEIGHT - height, axis.x(round.endNanos()) - x - 1, height);
      svg.endGroup();
    }
    svg.endGroup();
  }
}
