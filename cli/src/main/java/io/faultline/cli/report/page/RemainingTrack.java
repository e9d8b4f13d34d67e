package io.faultline.cli.report.page;

import io.faultline.cli.recording.Samples;
import io.faultline.cli.recording.SourceSide;
import io.faultline.cli.svg.Svg;
import io.faultline.source.recording.OutgoingEvents;
import java.util.List;

/**
 * Memory that is still to be sent. In precopy that is known at the end of each round, when the
 * dirty log is read; after the switchover it is sampled.
 */
final class RemainingTrack implements Track {
  private static final double HEIGHT = 64;

  private final long ramBytes;
  private final long precopyNanos;
  private final long pauseNanos;
  private final List<OutgoingEvents.Round> rounds;
  private final Samples samples;

  private RemainingTrack(SourceSide source) {
    ramBytes = source.ramBytes();
    precopyNanos = source.events().milestones().precopyNanos();
    pauseNanos = source.events().milestones().pauseNanos();
    rounds = source.events().rounds();
    samples = source.samples();
  }

  static RemainingTrack of(SourceSide source) {
    return new RemainingTrack(source);
  }

  @Override
  public String title() {
    return "Remaining";
  }

  @Override
  public String subtitle() {
    return "memory to be sent";
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
    if (!rounds.isEmpty()) {
      point(path, axis, top, precopyNanos, ramBytes);
    }
    for (OutgoingEvents.Round round : rounds) {
      point(path, axis, top, round.endNanos(), round.dirtyBytes());
    }
    for (int i = 0; i < samples.size(); i++) {
      long at = samples.nanos()[i];
      if (axis.shows(at) && (rounds.isEmpty() || (pauseNanos != 0 && at > pauseNanos))) {
        point(path, axis, top, at, samples.remainingBytes()[i]);
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
