package io.faultline.source;

import io.faultline.proto.SocketAddresses;
import io.faultline.proto.metrics.MeterSet;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Registers the meters of an outgoing migration; docs/metrics.md lists them. All are read from
 * counters and from published snapshots when the registry asks, so they cost nothing while pages
 * are sent. A time that is not known yet is NaN.
 */
final class OutgoingMeters {
  private final MeterSet meters;
  private final OutgoingCounters counters;
  private final Supplier<OutgoingProgress> progress;

  private OutgoingMeters(
      MeterRegistry registry, OutgoingCounters counters, Supplier<OutgoingProgress> progress) {
    meters = new MeterSet(registry, "source");
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
    meters.info(
        Tags.of("migration", migration, "vm", vm, "mode", settings.mode().toString())
            .and("placement", settings.placement().toString())
            .and("peer", SocketAddresses.format(settings.destination())));
  }

  private void states() {
    meters.states(OutgoingState.values(), () -> progress.get().state());
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
    meters.secondsCounter(
        "paused",
        "Time without connections after the commit point",
        () -> progress.get().report().pausedNanos());
    meters.counter(
        "recoveries",
        "Connections re-established after a loss",
        () -> progress.get().report().recoveries());
  }

  private void seconds(String name, String what, ToLongFunction<OutgoingReport> nanos) {
    meters.seconds(name, what, () -> nanos.applyAsLong(progress.get().report()));
  }

  private void part(String part, ToLongFunction<OutgoingReport> nanos) {
    meters.downtimePart(part, () -> nanos.applyAsLong(progress.get().report()));
  }

  private void transfer(int channels) {
    meters.gauge(
        "remaining",
        "Memory still to be sent: of the current precopy round, or after the commit point of the"
            + " VM",
        BaseUnits.BYTES,
        () -> progress.get().remainingPages() * progress.get().basePageBytes());
    meters.gauge(
        "throughput.bytes.per.second",
        "Bytes of page frames sent per second, over about a second",
        () -> progress.get().bytesPerSecond());
    meters.gauge(
        "bandwidth.limit.bytes.per.second",
        "Limit of all bulk connections together; +Inf for none",
        () -> limit(progress.get().bandwidthBytesPerSecond()));
    meters.gauge(
        "dirty.bytes.per.second",
        "How fast the VM dirtied memory in the last precopy round; NaN before",
        () -> known(progress.get().dirtyBytesPerSecond()));
    meters.gauge(
        "precopy.rounds", "Precopy rounds started", () -> progress.get().report().precopyRounds());
    meters.gauge(
        "connections", "Connections that are established", () -> connections(progress.get()));
    meters.counter("bytes.sent", "Bytes of page frames sent", counters.bytesSent::sum);
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
    meters.counter(
        "connection.sent",
        "Bytes of page frames sent on each connection, after compression",
        BaseUnits.BYTES,
        Tags.of("connection", connection),
        bytes);
  }

  private void pages() {
    meters.counter(
        "pages.precopy", "Pages with data sent in precopy rounds", counters.precopyPages::sum);
    meters.counter(
        "pages.precopy.zero", "Zero pages sent in precopy rounds", counters.precopyZeroPages::sum);
    meters.counter(
        "pages.urgent",
        "Pages with data sent on request, or prefetched with one",
        counters.urgentPages::sum);
    meters.counter(
        "pages.prefetched",
        "Pages, including zero pages, sent before they were requested",
        counters.prefetchedPages::sum);
    meters.counter(
        "pages.background",
        "Pages with data sent in the background",
        counters.backgroundPages::sum);
    meters.counter("pages.zero", "Zero pages, sent without data", counters.zeroPages::sum);
    meters.gauge("pages", "Pages of guest memory", () -> progress.get().totalPages());
    meters.gauge(
        "pages.remaining", "Pages still to be sent", () -> progress.get().remainingPages());
    meters.counter(
        "pages.resent",
        "Pages sent again because they were lost with a connection",
        () -> progress.get().report().resentPages());
    meters.counter("requests.received", "Page requests received", counters.requests::sum);
    meters.counter(
        "requests.duplicate", "Requests for pages sent before", counters.duplicateRequests::sum);
    meters.counter(
        "requests.current",
        "Requests for pages that were already current",
        counters.currentAnswers::sum);
  }

  private void compression() {
    meters.counter("pages.compressed", "Pages sent compressed", counters.compression.pages()::sum);
    meters.counter(
        "compression.bytes.before",
        "Bytes of compressed pages, before compression",
        counters.compression.bytesBefore()::sum);
    meters.counter(
        "compression.bytes.after",
        "Bytes of compressed pages, after compression",
        counters.compression.bytesAfter()::sum);
    meters.secondsCounter(
        "compression.cpu",
        "Processor time spent on compression",
        counters.compression.nanos()::sum);
  }
}
