package io.faultline.cli.restore;

import io.faultline.cli.report.LatencyResult;
import io.faultline.cli.report.ResultFile;
import io.faultline.restore.RestoreReport;
import io.faultline.restore.RestoreState;
import io.faultline.restore.space.DumpLayout;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/** The result of {@code lazy-pages}. */
final class RestoreResult {
  private static final double MIB = 1 << 20;

  private RestoreResult() {}

  /** One line for the user. */
  static String summary(RestoreReport report) {
    return String.format(
        Locale.ROOT,
        "lazy-pages: %s all pages after %.1f ms: %d pages, %d faults, %d requests",
        report.tasks() == 1 ? "1 process has" : report.tasks() + " processes have",
        report.totalMillis(),
        report.memory().placedPages,
        report.memory().faults,
        report.transfer().requests);
  }

  /**
   * A JSON object.
   *
   * @param origin where the pages came from
   */
  static ObjectNode of(RestoreReport report, String origin) {
    ObjectNode json = ResultFile.newResult();
    json.put("status", report.state() == RestoreState.COMPLETED ? "completed" : "failed");
    if (!report.error().isEmpty()) {
      json.put("error", report.error());
    }
    json.put("origin", origin);
    json.put("total_ms", Math.round(report.totalMillis() * 1000) / 1000.0);
    json.putObject("processes").put("living", report.tasks()).put("zombies", report.zombies());
    putPages(json, report);
    putRequests(json, report);
    putEvents(json, report);
    return json;
  }

  private static void putPages(ObjectNode json, RestoreReport report) {
    json.putObject("pages")
        .put("received", report.transfer().pages)
        .put("placed", report.memory().placedPages)
        .put("zero", report.memory().zeroPages)
        .put("already_present", report.memory().alreadyPresent)
        .put("unmapped", report.memory().unmappedPages)
        .put("missing", report.missingPages());
    json.put("bytes_received", report.transfer().pages * DumpLayout.PAGE_BYTES);
    if (report.totalMillis() > 0) {
      double perSecond = report.memory().placedPages / report.totalMillis() * 1000;
      json.put("pages_per_second", Math.round(perSecond));
      json.put("throughput_mib_s", Math.round(perSecond * DumpLayout.PAGE_BYTES / MIB * 10) / 10.0);
    }
  }

  private static void putRequests(ObjectNode json, RestoreReport report) {
    json.put("faults", report.memory().faults);
    LatencyResult.put(json, report.latencyNanos());
    json.putObject("requests")
        .put("sent", report.transfer().requests)
        .put("urgent", report.transfer().urgentRequests);
  }

  private static void putEvents(ObjectNode json, RestoreReport report) {
    json.putObject("events")
        .put("fork", report.memory().forks)
        .put("remap", report.memory().remaps)
        .put("remove", report.memory().removes)
        .put("unmap", report.memory().unmaps);
  }
}
