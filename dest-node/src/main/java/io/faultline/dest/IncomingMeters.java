package io.faultline.dest;

import io.faultline.proto.metrics.MeterSet;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Registers the meters of an incoming migration; docs/metrics.md lists them. All are read from
 * counters and from published snapshots when the registry asks, so they cost nothing while pages
 * are placed. A time that is not known yet is NaN.
 */
final class IncomingMeters {
  private final MeterSet meters;
  private final IncomingCounters counters;
  private final Supplier<IncomingProgress> progress;

  private IncomingMeters(
      MeterRegistry registry, IncomingCounters counters, Supplier<IncomingProgress> progress) {
    meters = new MeterSet(registry, "destination");
    this.counters = counters;
    this.progress = progress;
  }

  /**
   * Registers all meters but {@code faultline.migration.info}.
   *
   * @return for {@link #info}, once the source has described the VM
   */
  static IncomingMeters register(
      MeterRegistry registry, IncomingCounters counters, Supplier<IncomingProgress> progress) {
    IncomingMeters meters = new IncomingMeters(registry, counters, progress);
    meters.states();
    meters.times();
    meters.faults();
    meters.pages();
    meters.memory();
    return meters;
  }

  /** The source has described the VM. Any thread. */
  void info(String migration, MigrationParameters parameters, String peer) {
    meters.info(
        Tags.of("migration", migration, "vm", parameters.vm(), "mode", parameters.mode())
            .and("placement", parameters.placement().toString(), "peer", peer));
  }

  private void states() {
    meters.states(IncomingState.values(), () -> progress.get().state());
    meters.gauge(
        "connections", "Connections that are established", () -> progress.get().connections());
  }

  private void times() {
    seconds("setup", "Set-up, until the destination had prepared its memory", r -> r.setupNanos());
    seconds("total", "From the start of the migration to its end, or to now", r -> r.totalNanos());
    seconds("postcopy", "From the first guest instruction to the end", r -> r.postcopyNanos());
    seconds("discard", "Discarding pages that precopy sent in vain", r -> r.discardNanos());
    part("load", r -> r.loadNanos());
    part("start", r -> r.startNanos());
    meters.secondsCounter(
        "paused",
        "Time without connections after the commit point",
        () -> progress.get().report().pausedNanos());
    meters.counter(
        "recoveries", "Connections re-established after a loss", counters.recoveries::sum);
  }

  private void seconds(String name, String what, ToLongFunction<IncomingReport> nanos) {
    meters.seconds(name, what, () -> nanos.applyAsLong(progress.get().report()));
  }

  private void part(String part, ToLongFunction<IncomingReport> nanos) {
    meters.downtimePart(part, () -> nanos.applyAsLong(progress.get().report()));
  }

  private void faults() {
    meters.counter("faults", "Page faults read from userfaultfd", counters.faults::sum);
    meters.counter(
        "fault.reads", "Reads of userfaultfd that returned faults", counters.eventReads::sum);
    meters.counter("faults.local", "Faults resolved without the source", counters.localFaults::sum);
  }

  private void pages() {
    meters.gauge("pages", "Pages of guest memory", () -> progress.get().report().totalPages());
    meters.gauge("pages.remaining", "Pages still to arrive", () -> progress.get().remainingPages());
    meters.gauge("remaining", "Memory still to arrive", BaseUnits.BYTES, this::remainingBytes);
    meters.gauge(
        "memory.admitted",
        "Guest memory that was admitted here",
        BaseUnits.BYTES,
        counters.admittedBytes::sum);
    meters.counter(
        "pages.precopy", "Pages received before the VM ran here", counters.precopyPages::sum);
    meters.counter(
        "pages.placed.urgent", "Pages placed by the fault reader", counters.urgentPages::sum);
    meters.counter(
        "pages.placed.bulk", "Pages placed by the background transfer", counters.bulkPages::sum);
    meters.counter(
        "pages.present",
        "Pages that were already present when placed",
        counters.alreadyPresent::sum);
    meters.counter(
        "checksum.failures",
        "Runs of pages that were damaged in transit, and not placed",
        counters.damagedRuns::sum);
  }

  private void memory() {
    meters.counter(
        "memory.waits", "Pauses of placing for lack of memory", counters.memoryWaits::sum);
    meters.secondsCounter(
        "memory.wait",
        "Time in which placing was paused for lack of memory",
        counters.memoryWaitNanos::sum);
  }

  private long remainingBytes() {
    IncomingProgress now = progress.get();
    return now.remainingPages() * now.report().basePageBytes();
  }
}
