package io.faultline.cli.report;

import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.memory.Placement;
import tools.jackson.databind.node.ObjectNode;

/** The destination's result of a migration, as JSON; {@link VmResult} adds that of the VM. */
public final class DestResult {
  private DestResult() {}

  /** Converts a report; values that are not known are absent. */
  public static ObjectNode of(IncomingReport report, String engine) {
    ObjectNode json = ResultFile.newResult();
    json.put("status", report.state() == IncomingState.COMPLETED ? "completed" : "failed");
    if (report.error() != null) {
      json.put("error", report.error());
    }
    json.put("verified", false);
    if (!report.mode().isEmpty()) {
      json.put("mode", report.mode());
    }
    json.put("engine", engine);
    Placement placement = report.placement();
    if (placement != null) {
      json.put("placement", placement.toString());
    }
    json.put("faults", report.faults());
    json.put("faults_local", report.localFaults());
    JsonNumbers.putMs(json, "postcopy_ms", report.postcopyNanos());
    json.put("recoveries", report.recoveries());
    json.putObject("paused_ms").put("destination", JsonNumbers.millis(report.pausedNanos()));
    json.put("memory_waits", report.memoryWaits());
    JsonNumbers.putMs(json, "memory_wait_ms", report.memoryWaitNanos());
    ObjectNode pages = json.putObject("pages");
    pages.put("total", report.totalPages());
    pages.put("page_bytes", report.basePageBytes());
    pages.put("placed", report.placedPages());
    pages.put("present", report.presentPages());
    return json;
  }
}
