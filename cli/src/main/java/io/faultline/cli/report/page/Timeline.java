package io.faultline.cli.report.page;

import io.faultline.cli.recording.DestinationSide;
import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.recording.SourceSide;
import io.faultline.cli.svg.Svg;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All tracks on one time axis, with the downtime marked through all of them. */
final class Timeline {
  static final double WIDTH = TimeAxis.LEFT + TimeAxis.WIDTH + 16;

  private static final double TOP = 44;
  private static final double GAP = 22;
  private static final double LEAST_DOWNTIME_WIDTH = 2.5;

  private final TimeAxis axis;
  private final List<Track> tracks = new ArrayList<>();

  private Timeline(TimeAxis axis) {
    this.axis = axis;
  }

  /** Draws the timeline of a migration. */
  static String of(MigrationRecording recording, Phases phases) {
    Timeline timeline = new Timeline(TimeAxis.of(phases));
    timeline.addTracks(phases, recording.source(), recording.destination());
    return timeline.draw("Timeline of the migration", phases);
  }

  /**
   * Draws tracks.
   *
   * @param label what they show, for those who do not see them
   */
  static String of(TimeAxis axis, List<Track> tracks, String label) {
    Timeline timeline = new Timeline(axis);
    timeline.tracks.addAll(tracks);
    return timeline.draw(label, null);
  }

  private void addTracks(
      Phases phases, @Nullable SourceSide source, @Nullable DestinationSide destination) {
    if (source != null) {
      tracks.add(new PhaseTrack("Source", phases.source()));
    }
    if (destination != null) {
      tracks.add(new PhaseTrack("Destination", phases.destination()));
      tracks.add(ThroughputTrack.arriving(destination, axis));
    } else if (source != null) {
      tracks.add(ThroughputTrack.sent(source.samples(), axis));
    }
    if (source != null) {
      tracks.add(RemainingTrack.of(source));
      if (!source.events().rounds().isEmpty()) {
        tracks.add(new DirtyRateTrack(source.events().rounds()));
      }
    }
    if (destination != null) {
      tracks.add(new FaultTrack(destination.events().faults()));
      if (!destination.blockedTime().isEmpty()) {
        tracks.add(new BlockedTrack(destination.blockedTime(), destination.events().faults()));
      }
    }
  }

  private String draw(String label, @Nullable Phases phases) {
    double height = TOP;
    for (Track track : tracks) {
      height += track.height() + GAP;
    }
    double bottom = height - GAP / 2;
    Svg svg = new Svg(WIDTH, height, label);
    axis.draw(svg, TOP - 4, bottom);
    double top = TOP;
    for (Track track : tracks) {
      svg.words("track", "start", 0, top + 13, track.title());
      svg.words("label", "start", 0, top + 29, track.subtitle());
      track.draw(svg, axis, top);
      top += track.height() + GAP;
    }
    if (phases != null) {
      drawDowntime(svg, phases, bottom);
    }
    return svg.end();
  }

  /** A band of at least a few pixels, however short it is. */
  private void drawDowntime(Svg svg, Phases phases, double bottom) {
    long from = phases.pauseNanos();
    long to = phases.firstInstructionNanos();
    if (from == 0 || to == 0 || to - from <= 0) {
      return;
    }
    double width = Math.max(LEAST_DOWNTIME_WIDTH, axis.x(to) - axis.x(from));
    double x = axis.x(from);
    String words = "downtime " + Units.nanos(to - from);
    boolean right = x < TimeAxis.LEFT + TimeAxis.WIDTH - 170;
    svg.group("mark", "downtime", "nanos", Long.toString(to - from));
    svg.tooltip("The VM ran nowhere for " + Units.nanos(to - from) + ", from " + axis.format(from));
    svg.rect("downtime", x, 16, width, bottom - 16);
    svg.words("downtime", right ? "start" : "end", right ? x + width + 5 : x - 5, 15, words);
    svg.endGroup();
  }
}
