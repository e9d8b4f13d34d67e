package io.faultline.proto.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Registers the meters of one node: all are named {@code faultline.*} and have the label {@code
 * role}. Their values are read when the registry asks, so they cost nothing otherwise.
 *
 * <p>Thread-safe, if the suppliers are.
 */
public final class MeterSet {
  private static final String PREFIX = "faultline.";
  private static final String SECONDS = "seconds";
  private static final double NANOS_PER_SECOND = 1e9;

  private final MeterRegistry registry;
  private final Tags role;

  /**
   * @param role of the node: the label of all meters
   */
  public MeterSet(MeterRegistry registry, String role) {
    this.registry = registry;
    this.role = Tags.of("role", role);
  }

  /** Registers {@code faultline.migration.info}, which is 1; the labels are the information. */
  public void info(Tags labels) {
    Gauge.builder(PREFIX + "migration.info", () -> 1)
        .description("1; the labels describe the migration")
        .tags(role.and(labels))
        .register(registry);
  }

  /** Registers {@code faultline.migration.state}: 1 for the current state, 0 for all others. */
  public <S extends Enum<S>> void states(S[] all, Supplier<S> current) {
    for (S each : all) {
      Gauge.builder(PREFIX + "migration.state", () -> current.get() == each ? 1 : 0)
          .description("1 for the current state of the migration, 0 for all others")
          .tags(role.and("state", each.name().toLowerCase(Locale.ROOT)))
          .register(registry);
    }
  }

  /** Registers a gauge without a unit. */
  public void gauge(String name, String what, Supplier<Number> value) {
    Gauge.builder(PREFIX + name, value).description(what).tags(role).register(registry);
  }

  /** Registers a gauge. */
  public void gauge(String name, String what, String unit, Supplier<Number> value) {
    Gauge.builder(PREFIX + name, value)
        .description(what)
        .baseUnit(unit)
        .tags(role)
        .register(registry);
  }

  /**
   * Registers a gauge in seconds.
   *
   * @param nanos negative if it is not known yet: NaN
   */
  public void seconds(String name, String what, LongSupplier nanos) {
    seconds(name, what, Tags.empty(), nanos);
  }

  /**
   * Registers a part of the downtime, in seconds.
   *
   * @param nanos negative if it is not known yet: NaN
   */
  public void downtimePart(String part, LongSupplier nanos) {
    seconds("downtime.part", "Parts of the downtime", Tags.of("part", part), nanos);
  }

  private void seconds(String name, String what, Tags labels, LongSupplier nanos) {
    Gauge.builder(PREFIX + name, () -> inSeconds(nanos.getAsLong()))
        .description(what)
        .baseUnit(SECONDS)
        .tags(role.and(labels))
        .register(registry);
  }

  private static double inSeconds(long nanos) {
    return nanos < 0 ? Double.NaN : nanos / NANOS_PER_SECOND;
  }

  /** Registers a counter without a unit. */
  public void counter(String name, String what, LongSupplier value) {
    counter(name, what, null, Tags.empty(), value, 1);
  }

  /** Registers a counter in seconds. */
  public void secondsCounter(String name, String what, LongSupplier nanos) {
    counter(name, what, SECONDS, Tags.empty(), nanos, NANOS_PER_SECOND);
  }

  /** Registers a counter with a unit, and labels of its own. */
  public void counter(String name, String what, String unit, Tags labels, LongSupplier value) {
    counter(name, what, unit, labels, value, 1);
  }

  private void counter(
      String name,
      String what,
      @Nullable String unit,
      Tags labels,
      LongSupplier value,
      double divisor) {
    // The registry refers weakly to the object that a counter is read from: that is itself here.
    FunctionCounter.builder(PREFIX + name, registry, any -> value.getAsLong() / divisor)
        .description(what)
        .baseUnit(unit)
        .tags(role.and(labels))
        .register(registry);
  }
}
