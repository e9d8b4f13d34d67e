package io.faultline.cli.bench.result;

import java.util.Locale;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/** A measured quantity: a column of a table. */
public enum Metric {
  FAULT_P50("fault p50", "us", 1),
  FAULT_P90("fault p90", "us", 1),
  FAULT_P99("fault p99", "us", 1),
  FAULT_P999("fault p99.9", "us", 1),
  PART_P50("p50", "us", 1),
  PART_P99("p99", "us", 1),
  FAULT_WAIT("blocked per fault", "us", 0),
  FAULTS("faults", "", 0),
  FAULTS_PER_100("faults per 100 pages", "", 2),
  BLOCKED("vCPUs blocked", "ms", 1),
  OWN_BLOCKED("blocked, as QEMU counts", "ms", 0),
  DOWNTIME("downtime", "ms", 1),
  SWITCHOVER("request to resume", "ms", 1),
  GUEST_PAUSE("guest pause", "ms", 1),
  LONGEST("longest gap", "ms", 1),
  POSTCOPY("postcopy phase", "ms", 0),
  COLLECTIONS("GC runs at dest", "", 0),
  TOTAL("total after set-up", "ms", 0),
  THROUGHPUT("throughput", "GiB/s", 2),
  SENT("sent", "MiB", 1),
  SOURCE_CPU("source CPU", "s/GiB", 2),
  DEST_CPU("dest CPU", "s/GiB", 2),
  DEST_MEMORY("dest memory over RAM", "MiB", 1),
  FIRST_ANSWER("first answer", "ms", 0),
  ALL_PAGES("all pages", "ms", 0),
  READS("requests meanwhile", "1/s", 0),
  DAEMON_CPU("daemon CPU", "s", 2),
  DAEMON_MEMORY("daemon memory", "MiB", 0),
  RUN_TIME("run time", "s", 1),
  CPU_TIME("CPU", "s", 1),
  READ_BYTES("read", "MiB", 0),
  WRITTEN_BYTES("written", "MiB", 0),
  ACCESS_TIME("per access", "us", 1),
  PAGE_NANOS("per page", "ns", 0),
  RESIDENT("most in RAM, of the buffer", "%", 1),
  PAUSE("pause", "ms", 2),
  SAVE_TIME("total", "ms", 0),
  WRITE_P50("write p50", "us", 1),
  WRITE_P99("write p99", "us", 1),
  WRITE_MAX("longest write", "ms", 1),
  FIRST_INSTRUCTION("first instruction", "ms", 1),
  WORKLOAD_TIME("workload", "ms", 0),
  /** 1 for a run that was right, else 0. */
  RIGHT("right runs", "", 0),
  IDLE_CPU("CPU when idle", "ms/s", 2);

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

  public String title() {
    return title;
  }

  /** The title with the unit. */
  public String heading() {
    return unit.isEmpty() ? title : title + ", " + unit;
  }

  public int decimals() {
    return decimals;
  }

  /** Whether its values are counted, and not summarized by their median. */
  public boolean isCount() {
    return this == RIGHT;
  }

  /** The key in JSON: {@code fault_p50}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Its value in the combined result of both nodes; empty if it is missing there. */
  public OptionalDouble of(JsonNode result) {
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
      case OWN_BLOCKED -> OptionalDouble.empty(); // from QEMU only
      case IDLE_CPU -> OptionalDouble.empty(); // of a page-fault handler only
      case FIRST_ANSWER, ALL_PAGES, READS, DAEMON_CPU, DAEMON_MEMORY, RIGHT ->
          OptionalDouble.empty(); // of processes only
      case RUN_TIME, CPU_TIME, READ_BYTES, WRITTEN_BYTES, ACCESS_TIME, PAGE_NANOS, RESIDENT ->
          OptionalDouble.empty(); // of pagers only
      case PAUSE, SAVE_TIME, WRITE_P50, WRITE_P99, WRITE_MAX ->
          OptionalDouble.empty(); // of snapshots only
      case PART_P50, PART_P99 -> OptionalDouble.empty(); // from a fault timeline only
      case FIRST_INSTRUCTION -> number(result, "/first_instruction_ms");
      case WORKLOAD_TIME -> number(result, "/workload_ms");
      case DOWNTIME -> number(result, "/downtime_ms");
      case SWITCHOVER ->
          sum(number(result, "/downtime_ms"), number(result, "/pause_request_ms").orElse(0));
      case GUEST_PAUSE -> number(result, "/guest_pause_ms");
      case LONGEST ->
          max(
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

  private static OptionalDouble sum(OptionalDouble value, double more) {
    return value.isPresent()
        ? OptionalDouble.of(value.getAsDouble() + more)
        : OptionalDouble.empty();
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

  private static OptionalDouble max(OptionalDouble one, OptionalDouble other) {
    return one.isPresent() && other.isPresent()
        ? OptionalDouble.of(Math.max(one.getAsDouble(), other.getAsDouble()))
        : one.isPresent() ? one : other;
  }

  /** Divides by the number of pages of the whole memory, in hundreds; pages are the backing's. */
  private static OptionalDouble perHundredPages(OptionalDouble value, JsonNode result) {
    OptionalDouble ram = number(result, "/ram_bytes");
    OptionalDouble pageBytes = number(result, "/page_size");
    return ram.isPresent() && pageBytes.isPresent()
        ? over(value, ram.getAsDouble() / pageBytes.getAsDouble() / 100)
        : OptionalDouble.empty();
  }

  /** Guest memory that counts as resident in the process: huge pages do not. */
  private static OptionalDouble residentRam(JsonNode result) {
    OptionalDouble pageBytes = number(result, "/page_size");
    boolean huge = pageBytes.isPresent() && pageBytes.getAsDouble() >= HUGE_PAGE;
    return huge ? OptionalDouble.of(0) : number(result, "/ram_bytes");
  }

  /** Converts milliseconds for the whole memory to seconds per GiB. */
  private static OptionalDouble perGib(OptionalDouble millis, JsonNode result) {
    OptionalDouble ram = number(result, "/ram_bytes");
    return ram.isPresent() ? over(millis, 1000 * ram.getAsDouble() / GIB) : OptionalDouble.empty();
  }
}
