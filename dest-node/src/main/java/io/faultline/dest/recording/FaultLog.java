package io.faultline.dest.recording;

import io.faultline.memory.MemoryRegion;
import java.util.function.LongSupplier;

/** Records the faults that the fault reader reads. Confined to the control loop. */
public final class FaultLog {
  private static final int TIME = 0;
  private static final int VALUE = 1;
  private static final int LOCAL = 1;

  private final LongSupplier clock;
  private final PageNumbers numbers;
  private final EventLog events;
  private final TimeBuckets counts = new TimeBuckets();
  private long readNanos;

  FaultLog(LongSupplier clock, PageNumbers numbers, int capacity) {
    this.clock = clock;
    this.numbers = numbers;
    events = new EventLog(capacity, 2);
  }

  /** Faults were read from the userfaultfd. */
  public void read(int faults) {
    readNanos = clock.getAsLong();
    counts.add(readNanos, faults);
  }

  /** The page of one of them is requested. */
  public void requested(MemoryRegion region, long page) {
    numbers.request(region, page);
    events.add(readNanos, numbers.of(region, page) << 1);
  }

  /** One of them was resolved without the source, just now. */
  public void resolvedLocally(MemoryRegion region, long page) {
    events.add(readNanos, numbers.of(region, page) << 1 | LOCAL);
  }

  int size() {
    return events.size();
  }

  long overwritten() {
    return events.overwritten();
  }

  TimeBuckets.Series counts() {
    return counts.series();
  }

  long readNanos(int event) {
    return events.get(event, TIME);
  }

  long page(int event) {
    return events.get(event, VALUE) >> 1;
  }

  boolean isLocal(int event) {
    return (events.get(event, VALUE) & LOCAL) != 0;
  }
}
