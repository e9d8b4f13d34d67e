package io.faultline.restore.space;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * How long threads of the restored processes waited for a page, from when their fault was read
 * until they were woken. A little less than the threads themselves would measure. Allocates nothing
 * when a fault is recorded.
 *
 * <p>Confined to the session's event loop.
 */
public final class FaultLatencies {
  /** Longer ones count as this. */
  private static final long MOST_NANOS = TimeUnit.HOURS.toNanos(1);

  private static final int DIGITS = 2;

  private final LongSupplier clock;
  private final Histogram nanos = new Histogram(MOST_NANOS, DIGITS);

  /**
   * @param clock in nanoseconds
   */
  FaultLatencies(LongSupplier clock) {
    this.clock = clock;
  }

  long now() {
    return clock.getAsLong();
  }

  /** A thread that waited since then is woken now. */
  void resolved(long sinceNanos, long nowNanos) {
    nanos.recordValue(Math.clamp(nowNanos - sinceNanos, 0, MOST_NANOS));
  }

  /** All latencies so far, in nanoseconds. */
  public Histogram copy() {
    return nanos.copy();
  }
}
