package io.faultline.cli.bench;

import java.util.Locale;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/** A column: one number of a migration's result. */
enum Metric {
  FAULT_P50("fault p50", "us", 1),
  FAULT_P90("fault p90", "us", 1),
  FAULT_P99("fault p99", "us", 1),
  FAULT_P999("fault p99.9", "us", 1),
  PART_P50("p50", "us", 1),
  PART_P99("p99", "us", 1),
  FAULT_WAIT("blocked for each fault", "us", 0),
  FAULTS("faults", "", 0),
  FAULTS_PER_100("faults per 100 pages", "", 2),
  BLOCKED("vCPUs blocked", "ms", 1),
  OWN_BLOCKED("blocked, as QEMU tells", "ms", 0),
  DOWNTIME("downtime", "ms", 1),
  GUEST_PAUSE("guest's pause", "ms", 1),
  LONGEST("longest gap", "ms", 1),
  POSTCOPY("behind the switchover", "ms", 0),
  COLLECTIONS("collections at dest", "", 0),
  TOTAL("after set-up", "ms", 0),
  THROUGHPUT("throughput", "GiB/s", 2),
  SENT("sent", "MiB", 1),
  SOURCE_CPU("source CPU", "s/GiB", 2),
  DEST_CPU("dest CPU", "s/GiB", 2),
  DEST_MEMORY("dest memory over RAM", "MiB", 1);

  private static final double MICROS_PER_MILLI = 1000;
  private static final double MIB = 1 << 20;
  private static final double HUGE_PAGE = 2 << 20;
  private static final double GIB = 1 << 30;

  private final String title;
  private final String unit;
  private final int decimals;

  Metric(String title, String unit, int decimals) {
    this.title = title;
    this.unit = unit;
    this.decimals = decimals;
  }

  String title() {
    return title;
  }

  /** The title with the unit. */
  String heading() {
    return unit.isEmpty() ? title : title + ", " + unit;
  }

  int decimals() {
    return decimals;
  }

  /** As a key: {@code fault_p50}. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Finds it in what both ends told of a migration; empty where they did not. */
  OptionalDouble of(JsonNode result) {
    return switch (this) {
      case FAULT_P50 -> number(result, "/fault_latency_us/p50");
      case FAULT_P90 -> number(result, "/fault_latency_us/p90");
      case FAULT_P99 -> number(result, "/fault_latency_us/p99");
      case FAULT_P999 -> number(result, "/fault_latency_us/p999");
      case FAULT_WAIT -> {
        OptionalDouble faults = number(result, "/faults");
        yield faults.orElse(0) > 0
            ? over(number(result, "/blocktime_ms/total"), faults.getAsDouble() / MICROS_PER_MILLI)
            : OptionalDouble.empty();
      }
      case FAULTS -> number(result, "/faults");
      case FAULTS_PER_100 -> perHundredPages(number(result, "/faults"), result);
      case BLOCKED -> number(result, "/blocktime_ms/total");
      case OWN_BLOCKED -> OptionalDouble.empty(); // QEMU's alone
      case PART_P50, PART_P99 -> OptionalDouble.empty(); // of a timeline
      case DOWNTIME -> number(result, "/downtime_ms");
      case GUEST_PAUSE -> number(result, "/guest_pause_ms");
      case LONGEST ->
          most(
              number(result, "/guest_pause_ms"),
              over(number(result, "/fault_latency_us/max"), MICROS_PER_MILLI));
      case POSTCOPY -> number(result, "/postcopy_ms");
      case COLLECTIONS -> number(result, "/collections/destination");
      case TOTAL -> less(number(result, "/total_ms"), number(result, "/setup_ms"), 1);
      case THROUGHPUT -> over(number(result, "/throughput_mib_s"), 1024);
      case SENT -> over(number(result, "/bytes_sent"), MIB);
      case SOURCE_CPU -> perGib(number(result, "/cpu_ms/source"), result);
      case DEST_CPU -> perGib(number(result, "/cpu_ms/destination"), result);
      case DEST_MEMORY ->
          less(number(result, "/peak_rss_bytes/destination"), residentRam(result), MIB);
    };
  }

  private static OptionalDouble number(JsonNode result, String pointer) {
    JsonNode value = result.at(pointer);
    return value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
  }

  private static OptionalDouble over(OptionalDouble value, double divisor) {
    return value.isPresent()
        ? OptionalDouble.of(value.getAsDouble() / divisor)
        : OptionalDouble.empty();
  }

  private static OptionalDouble less(OptionalDouble value, OptionalDouble part, double divisor) {
    return value.isPresent() && part.isPresent()
        ? OptionalDouble.of((value.getAsDouble() - part.getAsDouble()) / divisor)
        : OptionalDouble.empty();
  }

  private static OptionalDouble most(OptionalDouble one, OptionalDouble other) {
    return one.isPresent() && other.isPresent()
        ? OptionalDouble.of(Math.max(one.getAsDouble(), other.getAsDouble()))
        : one.isPresent() ? one : other;
  }

  /** Pages of the backing, all of the memory. */
  private static OptionalDouble perHundredPages(OptionalDouble value, JsonNode result) {
    OptionalDouble ram = number(result, "/ram_bytes");
    OptionalDouble pageBytes = number(result, "/page_size");
    return ram.isPresent() && pageBytes.isPresent()
        ? over(value, ram.getAsDouble() / pageBytes.getAsDouble() / 100)
        : OptionalDouble.empty();
  }

  /** Guest memory as far as it counts as resident: huge pages do not. */
  private static OptionalDouble residentRam(JsonNode result) {
    OptionalDouble pageBytes = number(result, "/page_size");
    boolean huge = pageBytes.isPresent() && pageBytes.getAsDouble() >= HUGE_PAGE;
    return huge ? OptionalDouble.of(0) : number(result, "/ram_bytes");
  }

  /** Milliseconds for the whole memory as seconds for each GiB of it. */
  private static OptionalDouble perGib(OptionalDouble millis, JsonNode result) {
    OptionalDouble ram = number(result, "/ram_bytes");
    return ram.isPresent() ? over(millis, 1000 * ram.getAsDouble() / GIB) : OptionalDouble.empty();
  }
}
