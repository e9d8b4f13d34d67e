package io.faultline.cli.control;

import io.faultline.source.OutgoingProgress;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The status of a source, in the names and units of QEMU's {@code query-migrate} (QEMU QMP
 * Reference Manual, MigrationInfo and MigrationStats) where they fit: times in milliseconds, {@code
 * mbps} in 10^6 bits per second, other amounts in bytes or base pages.
 */
final class SourceStatusJson {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final double BITS_PER_BYTE = 8;
  private static final double MILLION = 1e6;

  private SourceStatusJson() {}

  static ObjectNode of(OutgoingProgress progress, String migrationId) {
    OutgoingReport report = progress.report();
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("role", "source");
    json.put("migration", migrationId);
    json.put("status", status(progress.state()));
    putMillis(json, "total-time", report.totalNanos());
    putMillis(json, "setup-time", report.setupNanos());
    putMillis(json, "downtime", report.downtimeNanos());
    boolean isLimited = progress.bandwidthBytesPerSecond() != SourceSettings.UNLIMITED;
    json.put("max-bandwidth", isLimited ? progress.bandwidthBytesPerSecond() : 0);
    json.put("bulk-paused", progress.bulkPaused());
    json.put(
        "vm-owner",
        report.committed() || progress.state().isCommitted() ? "destination" : "source");
    String error = report.error() == null ? progress.outage() : report.error();
    if (!error.isEmpty()) {
      json.put("error-desc", error);
    }
    addRam(json.putObject("ram"), progress, report);
    return json;
  }

  private static void addRam(ObjectNode ram, OutgoingProgress progress, OutgoingReport report) {
    long pageBytes = progress.basePageBytes();
    long normal = report.precopyPages() + report.urgentPages() + report.backgroundPages();
    ram.put("total", progress.totalPages() * pageBytes);
    ram.put("remaining", progress.remainingPages() * pageBytes);
    ram.put("transferred", progress.bytesSent());
    ram.put("page-size", pageBytes);
    ram.put("duplicate", report.zeroPages());
    ram.put("normal", normal);
    ram.put("normal-bytes", normal * pageBytes);
    if (progress.dirtyBytesPerSecond() >= 0) {
      ram.put("dirty-pages-rate", progress.dirtyBytesPerSecond() / pageBytes);
    }
    ram.put("mbps", progress.bytesPerSecond() * BITS_PER_BYTE / MILLION);
    ram.put("dirty-sync-count", report.precopyRounds());
    ram.put("postcopy-requests", progress.requests());
  }

  static String status(OutgoingState state) {
    return switch (state) {
      case SETUP -> "setup";
      case PRECOPY -> "active";
      case SWITCHOVER -> "device";
      case POSTCOPY -> "postcopy-active";
      case PAUSED -> "postcopy-paused";
      case RECOVERING -> "postcopy-recover";
      case COMPLETED -> "completed";
      case CANCELLED -> "cancelled";
      case FAILED -> "failed";
    };
  }

  private static void putMillis(ObjectNode json, String name, long nanos) {
    if (nanos >= 0) {
      json.put(name, (double) nanos / NANOS_PER_MILLI);
    }
  }
}
