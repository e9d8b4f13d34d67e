package io.faultline.cli.report.page;

import io.faultline.cli.recording.Samples;
import io.faultline.cli.recording.SourceSide;
import io.faultline.cli.svg.Svg;
import io.faultline.source.recording.OutgoingEvents;
import java.util.List;

/**
 * Memory that is still to be sent, sampled: in precopy of the current round, after the switchover
 * of the VM; or that restored processes miss. A circle at the end of each round shows how much was
 * dirty then.
 */
final class RemainingTrack implements Track {
  private static final double HEIGHT = 64;

  private final String subtitle;
  private final long ramBytes;
  private final List<OutgoingEvents.Round> rounds;
  private final Samples samples;

  private RemainingTrack(
      String subtitle, long ramBytes, List<OutgoingEvents.Round> rounds, Samples samples) {
    this.subtitle = subtitle;
    this.ramBytes = ramBytes;
    this.rounds = rounds;
    this.samples = samples;
  }

  static RemainingTrack of(SourceSide source) {
    return new RemainingTrack(
        "memory to be sent", source.ramBytes(), source.events().rounds(), source.samples());
  }

  /** Of a restore: what is missing, at most as much as at any time. */
  static RemainingTrack of(Samples samples) {
    long most = 0;
    for (long remaining : samples.remainingBytes()) {
      most = Math.max(most, remaining);
    }
    return new RemainingTrack("missing memory", most, List.of(), samples);
  }

  @Override
  public String title() {
    return "Remaining";
  }

  @Override
  public String subtitle() {
    return subtitle;
  }

  @Override
  public double height() {
    return HEIGHT;
  }

  @Override
  public void draw(Svg svg, TimeAxis axis, double top) {
    double most = Math.max(1, ramBytes);
    svg.group("mark", "remaining");
    Scale.draw(svg, top, HEIGHT, most, Units.bytes(most));
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < samples.size(); i++) {
      if (axis.shows(samples.nanos()[i])) {
        point(path, axis, top, samples.nanos()[i], samples.remainingBytes()[i]);
      }
    }
    svg.path("remaining", path);
    for (OutgoingEvents.Round round : rounds) {
      svg.group("mark", "round-end");
      svg.tooltip(
          "after precopy round "
              + round.number()
              + ": "
              + Units.bytes(round.dirtyBytes())
              + " dirty, "
              + Units.bytes(round.bytesSent())
              + " sent in it");
      svg.circle("remaining", axis.x(round.endNanos()), y(top, round.dirtyBytes()), 3);
      svg.endGroup();
    }
    svg.endGroup();
  }

  private void point(StringBuilder path, TimeAxis axis, double top, long nanos, long bytes) {
    path.append(path.isEmpty() ? 'M' : 'L');
    path.append(Svg.n(axis.x(nanos))).append(' ').append(Svg.n(y(top, bytes)));
  }

  private double y(double top, long bytes) {
    return top + HEIGHT * (1 - Math.clamp((double) bytes / Math.max(1, ramBytes), 0, 1));
  }
}
