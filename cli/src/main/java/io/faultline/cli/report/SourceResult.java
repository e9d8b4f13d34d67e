package io.faultline.cli.report;

import static io.faultline.cli.report.JsonNumbers.millis;
import static io.faultline.cli.report.JsonNumbers.putMs;
import static io.faultline.cli.report.JsonNumbers.round;

import io.faultline.source.OutgoingReport;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The source's result of a migration, as JSON. */
public final class SourceResult {
  private static final double BYTES_PER_MIB = 1 << 20;

  private static final String VM_LOCATION = "vm_location";

  private SourceResult() {}

  /** Converts a report; values that are not known are absent. */
  public static ObjectNode of(OutgoingReport report) {
    ObjectNode json = ResultFile.newResult();
    json.put("status", report.state().name().toLowerCase(Locale.ROOT));
    if (report.error() != null) {
      json.put("error", report.error());
    }
    json.put(VM_LOCATION, report.committed() ? "destination" : "source");
    putMs(json, "setup_ms", report.setupNanos());
    putMs(json, "total_ms", report.totalNanos());
    putMs(json, "downtime_ms", report.downtimeNanos());
    if (report.pauseRequestNanos() > 0) {
      putMs(json, "pause_request_ms", report.pauseRequestNanos()); // the VM runs on
    }
    if (report.downtimeNanos() >= 0) {
      putMs(json, "downtime_error_ms", report.downtimeErrorNanos());
      ObjectNode parts = json.putObject("downtime_parts_ms");
      putMs(parts, "pause", report.pauseNanos());
      putMs(parts, "last_sync", report.lastSyncNanos());
      putMs(parts, "last_round", report.lastRoundNanos());
      putMs(parts, "device_state", report.deviceStateNanos());
      putMs(parts, "load", report.loadNanos());
      putMs(parts, "start", report.startNanos());
      putMs(parts, "transfer", report.transferNanos());
    }
    if (report.discardNanos() > 0) {
      putMs(json, "discard_ms", report.discardNanos()); // overlaps transfer and load
    }
    json.put("precopy_rounds", report.precopyRounds());
    putMs(json, "precopy_ms", report.precopyNanos());
    putPages(json, report);
    json.put("channels", report.channelBytes().size());
    ArrayNode channelBytes = json.putArray("channel_bytes");
    report.channelBytes().forEach(channelBytes::add);
    putCompression(json, report.compression());
    json.put("recoveries", report.recoveries());
    json.putObject("paused_ms").put("source", millis(report.pausedNanos()));
    return json;
  }

  /**
   * Adds that this process resumed the migration, and how many pages the destination had then. This
   * process counts only the pages since.
   */
  public static void addResumed(ObjectNode json, OutgoingReport report) {
    json.put("resumed", true);
    long sent = report.urgentPages() + report.backgroundPages() + report.zeroPages();
    if (json.get("pages") instanceof ObjectNode pages) {
      pages.put("before_resume", report.totalPages() - (sent - report.resentPages()));
    }
  }

  /** The result of a source that was resumed before RUN. */
  public static ObjectNode ofVmThatStayed() {
    ObjectNode json = ResultFile.newResult();
    json.put("status", "failed");
    json.put("error", "the source's process ended before the VM was handed over");
    json.put(VM_LOCATION, "source");
    json.put("resumed", true);
    return json;
  }

  /** Adds that the VM ended at the source before RUN, in a process of its own. */
  public static void addVmEnded(ObjectNode json) {
    json.put(VM_LOCATION, "nowhere");
  }

  private static void putPages(ObjectNode json, OutgoingReport report) {
    ObjectNode pages = json.putObject("pages");
    pages.put("total", report.totalPages());
    pages.put("precopy", report.precopyPages());
    pages.put("current", report.currentPages());
    pages.put("background", report.backgroundPages());
    pages.put("urgent", report.urgentPages());
    pages.put("prefetched", report.prefetchedPages());
    pages.put("zero", report.zeroPages());
    pages.put("resent", report.resentPages());
    ObjectNode requests = json.putObject("requests");
    requests.put("received", report.requests());
    requests.put("duplicate", report.duplicateRequests());
    requests.put("current", report.currentAnswers());
    json.put("bytes_sent", report.bytesSent());
    long transferNanos = report.totalNanos() - report.setupNanos();
    if (report.setupNanos() >= 0 && transferNanos > 0) {
      double seconds = transferNanos / 1e9;
      json.put("throughput_mib_s", round(report.bytesSent() / BYTES_PER_MIB / seconds));
    }
  }

  private static void putCompression(ObjectNode json, OutgoingReport.Compression report) {
    ObjectNode compression = json.putObject("compression");
    compression.put("mode", report.mode().toString());
    compression.put("pages", report.pages());
    if (report.pages() > 0) {
      compression.put("ratio", round((double) report.bytesBefore() / report.bytesAfter()));
      compression.put("bytes_saved", report.bytesBefore() - report.bytesAfter());
    }
    putMs(compression, "cpu_ms", report.nanos());
  }
}
