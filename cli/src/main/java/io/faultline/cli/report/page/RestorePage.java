package io.faultline.cli.report.page;

import io.faultline.cli.recording.RestoreRecording;
import io.faultline.cli.svg.Svg;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The report of one lazy restore as a page, like {@link ReportPage}. */
public final class RestorePage {
  private RestorePage() {}

  /**
   * Draws the report.
   *
   * @param result of the restore, as JSON
   */
  public static String of(RestoreRecording recording, ObjectNode result) {
    StringBuilder text = new StringBuilder(PageStyle.begin("Faultline: report of a restore"));
    boolean completed = result.path("status").asString("").equals("completed");
    text.append(
        PageStyle.header(
            "Lazy restore of processes",
            completed ? "completed" : "failed",
            completed,
            result.path("error").asString("")));
    text.append("<p>Pages from ").append(Svg.esc(result.path("origin").asString("")));
    text.append(".</p>\n").append(KeyFigures.of(result)).append("<h2>Timeline</h2>\n");
    text.append("<p>Time 0 is when CRIU connected.</p>\n");
    text.append("<div class='wide'>\n").append(timeline(recording)).append("</div>\n");
    String latencies = LatencyChart.of(recording.latencyNanos());
    if (!latencies.isEmpty()) {
      text.append("<h2>Faults</h2>\n<p>How long threads waited for a page, from when their fault");
      text.append(" was read.</p>\n<div class='wide'>\n").append(latencies).append("</div>\n");
    }
    text.append("<h2>Numbers</h2>\n").append(Numbers.of(result));
    return text.append(PageStyle.END).toString();
  }

  private static String timeline(RestoreRecording recording) {
    List<Phases.Phase> phases = phases(recording);
    long start = phases.isEmpty() ? recording.endNanos() : phases.getFirst().startNanos();
    TimeAxis axis = TimeAxis.between(start, recording.endNanos());
    return Timeline.of(
        axis,
        List.of(
            new PhaseTrack("Restore", phases),
            ThroughputTrack.placed(recording.samples(), axis),
            RemainingTrack.of(recording.samples())),
        "Timeline of the restore");
  }

  private static List<Phases.Phase> phases(RestoreRecording recording) {
    List<Phases.Phase> phases = new ArrayList<>();
    List<RestoreRecording.Phase> entered = recording.phases();
    for (int i = 0; i < entered.size(); i++) {
      long end = i + 1 < entered.size() ? entered.get(i + 1).startNanos() : recording.endNanos();
      String name = entered.get(i).name();
      phases.add(new Phases.Phase(style(name), name, entered.get(i).startNanos(), end));
    }
    return phases;
  }

  /** The phase of a migration that is most like it, for its colour. */
  private static String style(String name) {
    return switch (name) {
      case "restoring" -> "switchover";
      case "running" -> "postcopy";
      case "failing" -> "recovering";
      default -> "setup";
    };
  }
}
