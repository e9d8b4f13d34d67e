package io.faultline.cli.report;

import io.faultline.snapshot.SnapshotReport;
import java.nio.file.Path;
import tools.jackson.databind.node.ObjectNode;

/** What a snapshot took, as JSON. */
public final class SnapshotResult {
  private SnapshotResult() {}

  /** Adds the object {@code snapshot}. */
  public static void put(ObjectNode result, Path file, SnapshotReport report) {
    put(result, "snapshot", file, report);
  }

  /** Adds an object of that name. */
  public static void put(ObjectNode result, String name, Path file, SnapshotReport report) {
    ObjectNode json = result.putObject(name);
    json.put("file", file.toString());
    json.put("id", report.id().toString());
    JsonNumbers.putMs(json, "pause_ms", report.pauseNanos());
    JsonNumbers.putMs(json, "stop_ms", report.stopNanos());
    JsonNumbers.putMs(json, "state_ms", report.stateNanos());
    JsonNumbers.putMs(json, "rearm_ms", report.rearmNanos());
    JsonNumbers.putMs(json, "arm_ms", report.armNanos());
    JsonNumbers.putMs(json, "total_ms", report.totalNanos());
    json.put("memory_bytes", report.memoryBytes());
    json.put("data_bytes", report.dataBytes());
    json.put("base_bytes", report.baseBytes());
    json.put("file_bytes", report.fileBytes());
    json.put("rearmed_bytes", report.rearmedBytes());
    ObjectNode faults = json.putObject("faults");
    faults.put("arming", report.armFaults());
    faults.put("saving", report.faults());
    faults.put("copied_bytes", report.copiedBytes());
    faults.put("ring_waits", report.ringWaits());
    JsonNumbers.putMs(faults, "service_ms", report.serviceNanos());
  }
}
