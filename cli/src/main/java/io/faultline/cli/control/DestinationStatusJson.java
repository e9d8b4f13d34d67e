package io.faultline.cli.control;

import io.faultline.dest.IncomingProgress;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The status of a destination; as {@link SourceStatusJson} where it knows the same. */
final class DestinationStatusJson {
  private static final double NANOS_PER_MILLI = 1e6;

  private DestinationStatusJson() {}

  static ObjectNode of(IncomingProgress progress, String migrationId) {
    IncomingReport report = progress.report();
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("role", "destination");
    json.put("migration", migrationId);
    json.put("status", status(progress.state(), report.vmStarted()));
    if (report.totalNanos() >= 0) {
      json.put("total-time", report.totalNanos() / NANOS_PER_MILLI);
    }
    if (report.setupNanos() >= 0) {
      json.put("setup-time", report.setupNanos() / NANOS_PER_MILLI);
    }
    json.put("vm-owner", report.vmStarted() ? "destination" : "source");
    if (report.error() != null) {
      json.put("error-desc", report.error());
    }
    ObjectNode ram = json.putObject("ram");
    long pageBytes = report.basePageBytes();
    ram.put("total", report.totalPages() * pageBytes);
    if (progress.remainingPages() >= 0) {
      ram.put("remaining", progress.remainingPages() * pageBytes);
    }
    ram.put("page-size", pageBytes);
    ram.put("normal", report.precopyPages() + report.placedPages());
    ram.put("postcopy-requests", report.faults());
    return json;
  }

  private static String status(IncomingState state, boolean vmStarted) {
    return switch (state) {
      case LISTENING -> "setup";
      case RECEIVING -> "active";
      case READY -> "device";
      case RUNNING -> "postcopy-active";
      case PAUSED -> vmStarted ? "postcopy-paused" : "device";
      case RECOVERING -> "postcopy-recover";
      case COMPLETED -> "completed";
      case FAILED -> "failed";
    };
  }
}
