package io.faultline.cli.report;

import java.io.PrintWriter;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Prints a result as human-readable text. */
public final class Summary {
  private final PrintWriter out;
  private final boolean colours;

  public Summary(PrintWriter out, boolean colours) {
    this.out = out;
    this.colours = colours;
  }

  /**
   * Prints a merged result, or that of a destination. Lines whose values are absent are left out.
   */
  public void print(ObjectNode result) {
    out.println();
    verdict(result);
    lines(result);
  }

  private void lines(ObjectNode result) {
    line(
        result,
        "VM",
        "%s, %s RAM (%s), %s vCPUs, %s",
        "vm",
        "ram_bytes",
        "backing",
        "vcpus",
        "workload");
    line(
        result,
        "VM",
        "%s, %s RAM (%s), %s vCPUs, %s",
        "vm",
        "ram_bytes",
        "backing",
        "vcpus",
        "guest");
    line(result, "Downtime", "%s ms (± %s)", "downtime_ms", "downtime_error_ms");
    line(
        result.path("downtime_parts_ms"),
        "",
        "pause %s, last sync %s, last round %s, save state %s, transfer %s, load %s, start %s",
        "pause",
        "last_sync",
        "last_round",
        "device_state",
        "transfer",
        "load",
        "start");
    line(result, "Guest pause", "%s ms between two operations", "guest_pause_ms");
    line(result, "Total", "%s ms, setup %s ms", "total_ms", "setup_ms");
    line(result, "Mode", "%s, placement %s", "mode", "placement");
    if (result.path("precopy_rounds").asInt(0) > 0) {
      line(result, "Precopy", "%s rounds in %s ms", "precopy_rounds", "precopy_ms");
      line(
          result.path("pages"),
          "",
          "%s pages sent, %s current at the switchover",
          "precopy",
          "current");
    }
    line(
        result.path("pages"),
        "Pages",
        "%s: %s in the background, %s on request, %s zero",
        "total",
        "background",
        "urgent",
        "zero");
    line(
        result.path("paging"),
        "Paging",
        "%s in RAM at most of %s; %s pages sent from the store",
        "most_used_bytes",
        "buffer_bytes",
        "pages_from_store");
    line(
        result.path("paging"),
        "",
        "%s fills, %s rescues, %s and %s pages evicted clean and dirty",
        "fills",
        "rescues",
        "evicted_clean",
        "evicted_dirty");
    line(
        result.path("compression"),
        "Compressed",
        "%s pages by a factor of %s, in %s ms of CPU time (%s)",
        "pages",
        "ratio",
        "cpu_ms",
        "mode");
    if (result.path("recoveries").asInt(0) > 0) {
      line(result, "Recoveries", "%s", "recoveries");
      line(result.path("paused_ms"), "", "source without a connection for %s ms", "source");
      line(result.path("pages"), "", "%s pages sent again", "resent");
    }
    line(result, "Throughput", "%s MiB/s", "throughput_mib_s");
    line(result, "Faults", "%s, %s resolved without the source", "faults", "faults_local");
    line(
        result.path("fault_latency_us"),
        "Fault latency",
        "p50 %s, p90 %s, p99 %s, p99.9 %s, max %s us",
        "p50",
        "p90",
        "p99",
        "p999",
        "max");
    line(result.path("blocktime_ms"), "Blocked", "%s ms over all vCPUs", "total");
    line(result.path("requests"), "Requests", "%s, %s duplicates", "received", "duplicate");
    JsonNode console = result.path("console");
    line(
        console,
        "Console",
        "%s checks of the guest, %s of them afterwards; longest gap %s ms",
        "checks",
        "checks_afterwards",
        "longest_gap_ms");
    line(console.path("source"), "Console", "ticks %s to %s at the source", "first", "last");
    line(console.path("destination"), "", "ticks %s to %s at the destination", "first", "last");
    line(result, "Seed", "%s", "seed");
    out.flush();
  }

  /** Prints the result of a source; only the destination knows whether the VM was verified. */
  public void printSource(ObjectNode result) {
    out.println();
    out.println(paint("32", "migrated") + ": the VM runs at the destination");
    lines(result);
  }

  private void verdict(ObjectNode result) {
    boolean good = Results.isGood(result);
    String word = good ? "verified" : "FAILED";
    String text =
        good ? goodEnd(result) : result.path("error").asString("the VM could not be verified");
    out.println(paint(good ? "32" : "31", word) + ": " + text);
  }

  private static String goodEnd(ObjectNode result) {
    return result.path("console").has("checks")
        ? "the guest's console is unbroken, and no sum of its memory is wrong"
        : "memory and vCPU state equal those of a run that never migrated";
  }

  private void line(JsonNode from, String label, String format, String... keys) {
    Object[] values = new Object[keys.length];
    for (int i = 0; i < keys.length; i++) {
      JsonNode value = from.get(keys[i]);
      if (value == null) {
        return;
      }
      values[i] = text(keys[i], value);
    }
    out.printf(Locale.ROOT, "  %-14s %s%n", label, String.format(Locale.ROOT, format, values));
  }

  private static String text(String key, JsonNode value) {
    if (key.endsWith("bytes")) {
      return mebibytes(value.asLong());
    }
    if (value.isIntegralNumber()) {
      return key.equals("seed")
          ? value.asString()
          : String.format(Locale.ROOT, "%,d", value.asLong());
    }
    return value.isNumber()
        ? String.format(Locale.ROOT, value.asDouble() < 10 ? "%.2f" : "%,.1f", value.asDouble())
        : value.asString();
  }

  private static String mebibytes(long bytes) {
    return bytes % (1L << 30) == 0 ? (bytes >> 30) + " GiB" : (bytes >> 20) + " MiB";
  }

  private String paint(String code, String text) {
    return colours ? "\u001b[1;" + code + "m" + text + "\u001b[0m" : text;
  }
}
