package io.faultline.source;

import io.faultline.proto.SocketAddresses;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Registers the meters of an outgoing migration; docs/metrics.md lists them. All are read from
 * counters and from published snapshots when the registry asks, so they cost nothing while pages
 * are sent. A time that is not known yet is NaN.
 */
final class OutgoingMeters {
  private static final String SECONDS = "seconds";
  private static final double NANOS_PER_SECOND = 1e9;
  private static final Tags ROLE = Tags.of("role", "source");

  private final MeterRegistry registry;
  private final OutgoingCounters counters;
  private final Supplier<OutgoingProgress> progress;

  /** Function counters refer to their objects weakly; gauges, which refer to this, do not. */
  private final List<LongSupplier> counted = new ArrayList<>();

  private OutgoingMeters(
      MeterRegistry registry, OutgoingCounters counters, Supplier<OutgoingProgress> progress) {
    this.registry = registry;
    this.counters = counters;
    this.progress = progress;
  }

  /**
   * Registers all meters.
   *
   * @param migration its id, in hexadecimal digits
   * @param vm the type of the VM
   */
  static void register(
      MeterRegistry registry,
      OutgoingCounters counters,
      Supplier<OutgoingProgress> progress,
      SourceSettings settings,
      String migration,
      String vm) {
    OutgoingMeters meters = new OutgoingMeters(registry, counters, progress);
    meters.info(settings, migration, vm);
    meters.states();
    meters.times();
    meters.transfer(settings.wire().channels());
    meters.pages();
    meters.compression();
  }

  private void info(SourceSettings settings, String migration, String vm) {
    Tags tags =
        ROLE.and("migration", migration, "vm", vm, "mode", settings.mode().toString())
            .and("placement", settings.placement().toString())
            .and("peer", SocketAddresses.format(settings.destination()));
    Gauge.builder("faultline.migration.info", () -> 1)
        .description("1; the labels describe the migration")
        .tags(tags)
        .register(registry);
  }

  private void states() {
    for (OutgoingState each : OutgoingState.values()) {
      Gauge.builder("faultline.migration.state", () -> progress.get().state() == each ? 1 : 0)
          .description("1 for the current state of the migration, 0 for all others")
          .tags(ROLE.and("state", each.name().toLowerCase(Locale.ROOT)))
          .register(registry);
    }
  }

  private void times() {
    seconds("setup", "Set-up, until the destination had prepared its memory", r -> r.setupNanos());
    seconds("total", "From the start of the migration to its end, or to now", r -> r.totalNanos());
    seconds("precopy", "From the first precopy round to the pause", r -> r.precopyNanos());
    seconds("downtime", "From the pause to the first guest instruction", r -> r.downtimeNanos());
    seconds("downtime.error", "Maximum error of the downtime", r -> r.downtimeErrorNanos());
    part("pause", r -> r.pauseNanos());
    part("last_sync", r -> r.lastSyncNanos());
    part("last_round", r -> r.lastRoundNanos());
    part("device_state", r -> r.deviceStateNanos());
    part("transfer", r -> r.transferNanos());
    part("load", r -> r.loadNanos());
    part("start", r -> r.startNanos());
    counter(
        "paused",
        "Time without connections after the commit point",
        SECONDS,
        () -> progress.get().report().pausedNanos(),
        NANOS_PER_SECOND);
    counter(
        "recoveries",
        "Connections re-established after a loss",
        () -> progress.get().report().recoveries());
  }

  private void seconds(String name, String what, ToLongFunction<OutgoingReport> nanos) {
    seconds(name, what, Tags.empty(), nanos);
  }

  private void part(String part, ToLongFunction<OutgoingReport> nanos) {
    seconds("downtime.part", "Parts of the downtime", Tags.of("part", part), nanos);
  }

  private void seconds(String name, String what, Tags more, ToLongFunction<OutgoingReport> nanos) {
    Gauge.builder("faultline." + name, () -> inSeconds(nanos.applyAsLong(progress.get().report())))
        .description(what)
        .baseUnit(SECONDS)
        .tags(ROLE.and(more))
        .register(registry);
  }

  private static double inSeconds(long nanos) {
    return nanos < 0 ? Double.NaN : nanos / 1e9;
  }

  private void transfer(int channels) {
    gauge(
        "remaining",
        "Memory still to be sent: of the current precopy round, or after the commit point of the"
            + " VM",
        BaseUnits.BYTES,
        () -> progress.get().remainingPages() * progress.get().basePageBytes());
    gauge(
        "throughput.bytes.per.second",
        "Bytes of page frames sent per second, over about a second",
        () -> progress.get().bytesPerSecond());
    gauge(
        "bandwidth.limit.bytes.per.second",
        "Limit of all bulk connections together; +Inf for none",
        () -> limit(progress.get().bandwidthBytesPerSecond()));
    gauge(
        "dirty.bytes.per.second",
        "How fast the VM dirtied memory in the last precopy round; NaN before",
        () -> known(progress.get().dirtyBytesPerSecond()));
    gauge(
        "precopy.rounds", "Precopy rounds started", () -> progress.get().report().precopyRounds());
    gauge("connections", "Connections that are established", () -> connections(progress.get()));
    counter("bytes.sent", "Bytes of page frames sent", counters.bytesSent::sum);
    for (int i = 0; i < channels; i++) {
      int channel = i;
      sentOn("bulk-" + i, () -> counters.bytesSentOn(channel));
    }
    sentOn("control", () -> Math.max(0, counters.bytesSent.sum() - counters.bulkBytes()));
  }

  private static double limit(long bytesPerSecond) {
    return bytesPerSecond == SourceSettings.UNLIMITED ? Double.POSITIVE_INFINITY : bytesPerSecond;
  }

  private static double known(long value) {
    return value < 0 ? Double.NaN : value;
  }

  private static int connections(OutgoingProgress now) {
    return now.bulkConnections() == 0 ? 0 : 1 + now.bulkConnections();
  }

  private void sentOn(String connection, LongSupplier bytes) {
    counted.add(bytes);
    FunctionCounter.builder("faultline.connection.sent", bytes, LongSupplier::getAsLong)
        .description("Bytes of page frames sent on each connection, after compression")
        .baseUnit(BaseUnits.BYTES)
        .tags(ROLE.and("connection", connection))
        .register(registry);
  }

  private void pages() {
    counter("pages.precopy", "Pages with data sent in precopy rounds", counters.precopyPages::sum);
    counter(
        "pages.precopy.zero", "Zero pages sent in precopy rounds", counters.precopyZeroPages::sum);
    counter(
        "pages.urgent",
        "Pages with data sent on request, or prefetched with one",
        counters.urgentPages::sum);
    counter(
        "pages.prefetched",
        "Pages, including zero pages, sent before they were requested",
        counters.prefetchedPages::sum);
    counter(
        "pages.background",
        "Pages with data sent in the background",
        counters.backgroundPages::sum);
    counter("pages.zero", "Zero pages, sent without data", counters.zeroPages::sum);
    gauge("pages", "Pages of guest memory", () -> progress.get().totalPages());
    gauge("pages.remaining", "Pages still to be sent", () -> progress.get().remainingPages());
    counter(
        "pages.resent",
        "Pages sent again because they were lost with a connection",
        () -> progress.get().report().resentPages());
    counter("requests.received", "Page requests received", counters.requests::sum);
    counter(
        "requests.duplicate", "Requests for pages sent before", counters.duplicateRequests::sum);
    counter(
        "requests.current",
        "Requests for pages that were already current",
        counters.currentAnswers::sum);
  }

  private void compression() {
    counter("pages.compressed", "Pages sent compressed", counters.compression.pages()::sum);
    counter(
        "compression.bytes.before",
        "Bytes of compressed pages, before compression",
        counters.compression.bytesBefore()::sum);
    counter(
        "compression.bytes.after",
        "Bytes of compressed pages, after compression",
        counters.compression.bytesAfter()::sum);
    counter(
        "compression.cpu",
        "Processor time spent on compression",
        SECONDS,
        counters.compression.nanos()::sum,
        NANOS_PER_SECOND);
  }

  private void gauge(String name, String what, Supplier<Number> value) {
    Gauge.builder("faultline." + name, value).description(what).tags(ROLE).register(registry);
  }

  private void gauge(String name, String what, String unit, Supplier<Number> value) {
    Gauge.builder("faultline." + name, value)
        .description(what)
        .baseUnit(unit)
        .tags(ROLE)
        .register(registry);
  }

  private void counter(String name, String what, LongSupplier value) {
    counted.add(value);
    FunctionCounter.builder("faultline." + name, value, LongSupplier::getAsLong)
        .description(what)
        .tags(ROLE)
        .register(registry);
  }

  /** Counts in a larger unit, such as seconds of a value in nanoseconds. */
  private void counter(String name, String what, String unit, LongSupplier value, double divisor) {
    counted.add(value);
    FunctionCounter.builder("faultline." + name, value, v -> v.getAsLong() / divisor)
        .description(what)
        .baseUnit(unit)
        .tags(ROLE)
        .register(registry);
  }
}
