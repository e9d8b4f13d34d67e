package io.faultline.dest;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Registers the meters of an incoming migration; docs/metrics.md lists them. All are read from
 * counters and from published snapshots when the registry asks, so they cost nothing while pages
 * are placed. A time that is not known yet is NaN.
 */
final class IncomingMeters {
  private static final String SECONDS = "seconds";
  private static final Tags ROLE = Tags.of("role", "destination");

  private final MeterRegistry registry;
  private final IncomingCounters counters;
  private final Supplier<IncomingProgress> progress;

  /** Function counters refer to their objects weakly; gauges, which refer to this, do not. */
  private final List<LongSupplier> counted = new ArrayList<>();

  private IncomingMeters(
      MeterRegistry registry, IncomingCounters counters, Supplier<IncomingProgress> progress) {
    this.registry = registry;
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
    Gauge.builder("faultline.migration.info", () -> 1)
        .description("1; the labels describe the migration")
        .tags(ROLE.and("migration", migration, "vm", parameters.vm(), "mode", parameters.mode()))
        .tags("placement", parameters.placement().toString(), "peer", peer)
        .register(registry);
  }

  private void states() {
    for (IncomingState each : IncomingState.values()) {
      Gauge.builder("faultline.migration.state", () -> progress.get().state() == each ? 1 : 0)
          .description("1 for the current state of the migration, 0 for all others")
          .tags(ROLE.and("state", each.name().toLowerCase(Locale.ROOT)))
          .register(registry);
    }
    gauge("connections", "Connections that are established", () -> progress.get().connections());
  }

  private void times() {
    seconds("setup", "Set-up, until the destination had prepared its memory", r -> r.setupNanos());
    seconds("total", "From the start of the migration to its end, or to now", r -> r.totalNanos());
    seconds("postcopy", "From the first guest instruction to the end", r -> r.postcopyNanos());
    seconds("discard", "Discarding pages that precopy sent in vain", r -> r.discardNanos());
    part("load", r -> r.loadNanos());
    part("start", r -> r.startNanos());
    double nanosPerSecond = TimeUnit.SECONDS.toNanos(1);
    FunctionCounter.builder(
            "faultline.paused", progress, p -> p.get().report().pausedNanos() / nanosPerSecond)
        .description("Time without connections after the commit point")
        .baseUnit(SECONDS)
        .tags(ROLE)
        .register(registry);
    counter("recoveries", "Connections re-established after a loss", counters.recoveries::sum);
  }

  private void seconds(String name, String what, ToLongFunction<IncomingReport> nanos) {
    seconds(name, what, Tags.empty(), nanos);
  }

  private void part(String part, ToLongFunction<IncomingReport> nanos) {
    seconds("downtime.part", "Parts of the downtime", Tags.of("part", part), nanos);
  }

  private void seconds(String name, String what, Tags more, ToLongFunction<IncomingReport> nanos) {
    Gauge.builder("faultline." + name, () -> inSeconds(nanos.applyAsLong(progress.get().report())))
        .description(what)
        .baseUnit(SECONDS)
        .tags(ROLE.and(more))
        .register(registry);
  }

  private static double inSeconds(long nanos) {
    return nanos < 0 ? Double.NaN : nanos / 1e9;
  }

  private void faults() {
    counter("faults", "Page faults read from userfaultfd", counters.faults::sum);
    counter("fault.reads", "Reads of userfaultfd that returned faults", counters.eventReads::sum);
    counter("faults.local", "Faults resolved without the source", counters.localFaults::sum);
  }

  private void pages() {
    gauge("pages", "Pages of guest memory", () -> progress.get().report().totalPages());
    gauge("pages.remaining", "Pages still to arrive", () -> progress.get().remainingPages());
    Gauge.builder("faultline.remaining", this::remainingBytes)
        .description("Memory still to arrive")
        .baseUnit(BaseUnits.BYTES)
        .tags(ROLE)
        .register(registry);
    Gauge.builder("faultline.memory.admitted", counters.admittedBytes::sum)
        .description("Guest memory that is reserved for a migration to here")
        .baseUnit(BaseUnits.BYTES)
        .tags(ROLE)
        .register(registry);
    counter("pages.precopy", "Pages received before the VM ran here", counters.precopyPages::sum);
    counter("pages.placed.urgent", "Pages placed by the fault reader", counters.urgentPages::sum);
    counter(
        "pages.placed.bulk", "Pages placed by the background transfer", counters.bulkPages::sum);
    counter(
        "pages.present",
        "Pages that were already present when placed",
        counters.alreadyPresent::sum);
    counter(
        "checksum.failures",
        "Runs of pages that were damaged in transit, and not placed",
        counters.damagedRuns::sum);
  }

  private void memory() {
    counter("memory.waits", "Pauses of placing for lack of memory", counters.memoryWaits::sum);
    FunctionCounter.builder(
            "faultline.memory.wait", counters.memoryWaitNanos, nanos -> nanos.sum() / 1e9)
        .description("Time in which placing was paused for lack of memory")
        .baseUnit(SECONDS)
        .tags(ROLE)
        .register(registry);
  }

  private long remainingBytes() {
    IncomingProgress now = progress.get();
    return now.remainingPages() * now.report().basePageBytes();
  }

  private void gauge(String name, String what, Supplier<Number> value) {
    Gauge.builder("faultline." + name, value).description(what).tags(ROLE).register(registry);
  }

  private void counter(String name, String what, LongSupplier value) {
    counted.add(value);
    FunctionCounter.builder("faultline." + name, value, LongSupplier::getAsLong)
        .description(what)
        .tags(ROLE)
        .register(registry);
  }
}
