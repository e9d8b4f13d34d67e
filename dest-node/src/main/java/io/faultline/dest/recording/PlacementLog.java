package io.faultline.dest.recording;

import io.faultline.memory.MemoryRegion;
import java.util.function.LongSupplier;

/**
 * Records the runs of pages that one event loop places. Confined to that loop.
 *
 * <p>With placement copy a page that has arrived is mapped by the same call. With placement
 * continue the two are recorded separately: a page of the backing is mapped once all of its parts
 * have arrived.
 */
public final class PlacementLog {
  private static final int TIME = 0;
  private static final int FIRST = 1;
  private static final int COUNT_AND_FLAGS = 2;
  private static final int FLAG_BITS = 2;
  private static final int SINGLE = 1;
  private static final int LOCAL = 2;

  private final LongSupplier clock;
  private final PageNumbers numbers;
  private final boolean urgent;
  private final boolean mapsOnArrival;
  private final EventLog mapped;
  private final ArrivalMap map;
  private final TimeBuckets[] arrived = new TimeBuckets[Way.values().length];

  /**
   * @param urgent whether it is the loop of the urgent connection
   * @param mapsOnArrival whether placing a page maps it, as with placement copy
   */
  PlacementLog(
      LongSupplier clock,
      PageNumbers numbers,
      boolean urgent,
      boolean mapsOnArrival,
      int capacity) {
    this.clock = clock;
    this.numbers = numbers;
    this.urgent = urgent;
    this.mapsOnArrival = mapsOnArrival;
    mapped = new EventLog(capacity, 3);
    map = new ArrivalMap(numbers.total());
    for (int way = 0; way < arrived.length; way++) {
      arrived[way] = new TimeBuckets();
    }
  }

  /**
   * A run with data was placed.
   *
   * @param precopy whether the guest does not run here yet
   */
  public void data(MemoryRegion region, long firstPage, long count, boolean precopy) {
    long now = clock.getAsLong();
    if (precopy) {
      arrived(region, firstPage, count, Way.PRECOPY, now);
    } else if (urgent) {
      urgent(region, firstPage, count, now);
    } else {
      arrived(region, firstPage, count, Way.BACKGROUND, now);
    }
    mappedOnArrival(region, firstPage, count, precopy, now);
  }

  /** A run of zero pages was placed. */
  public void zeros(MemoryRegion region, long firstPage, long count, boolean precopy) {
    long now = clock.getAsLong();
    arrived(region, firstPage, count, Way.ZERO, now);
    mappedOnArrival(region, firstPage, count, precopy, now);
  }

  /** The source reported that pages are current. */
  public void current(MemoryRegion region, long firstPage, long count) {
    arrived(region, firstPage, count, Way.CURRENT, clock.getAsLong());
  }

  /** With placement continue: complete pages of the backing were mapped. */
  public void mapped(MemoryRegion region, long firstPage, long count) {
    add(region, firstPage, count, isSingle(region, count) ? SINGLE : 0, clock.getAsLong());
  }

  /** With placement continue: pages that precopy had brought were mapped. */
  public void mappedCurrent(MemoryRegion region, long firstPage, long count) {
    long now = clock.getAsLong();
    arrived(region, firstPage, count, Way.CURRENT, now);
    add(region, firstPage, count, LOCAL, now);
  }

  private void urgent(MemoryRegion region, long firstPage, long count, long now) {
    long requested = numbers.requested(region, firstPage, count);
    if (requested == count) {
      arrived(region, firstPage, count, Way.URGENT, now);
    } else if (requested == 0) {
      arrived(region, firstPage, count, Way.PREFETCHED, now);
    } else {
      for (long page = firstPage; page < firstPage + count; page++) {
        boolean asked = numbers.requested(region, page, 1) > 0;
        arrived(region, page, 1, asked ? Way.URGENT : Way.PREFETCHED, now);
      }
    }
  }

  private void arrived(MemoryRegion region, long firstPage, long count, Way way, long now) {
    map.add(numbers.of(region, firstPage), count, way, now);
    arrived[way.ordinal()].add(now, count);
  }

  private void mappedOnArrival(
      MemoryRegion region, long firstPage, long count, boolean precopy, long now) {
    if (mapsOnArrival && !precopy) { // no fault waits for a page of precopy
      add(region, firstPage, count, isSingle(region, count) ? SINGLE : 0, now);
    }
  }

  private boolean isSingle(MemoryRegion region, long count) {
    return urgent && count <= region.basePagesPerPage();
  }

  private void add(MemoryRegion region, long firstPage, long count, int flags, long now) {
    mapped.add(now, numbers.of(region, firstPage), count << FLAG_BITS | flags);
  }

  ArrivalMap map() {
    return map;
  }

  TimeBuckets.Series arrived(Way way) {
    return arrived[way.ordinal()].series();
  }

  int size() {
    return mapped.size();
  }

  long overwritten() {
    return mapped.overwritten();
  }

  long nanos(int event) {
    return mapped.get(event, TIME);
  }

  long firstPage(int event) {
    return mapped.get(event, FIRST);
  }

  long count(int event) {
    return mapped.get(event, COUNT_AND_FLAGS) >> FLAG_BITS;
  }

  /** How the faults on the pages of a run were resolved. */
  FaultKind kind(int event) {
    long flags = mapped.get(event, COUNT_AND_FLAGS);
    if ((flags & LOCAL) != 0) {
      return FaultKind.LOCAL;
    }
    return (flags & SINGLE) != 0 ? FaultKind.URGENT : FaultKind.PREFETCHED;
  }
}
