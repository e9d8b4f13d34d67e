package io.faultline.restore.space;

import java.util.function.LongSupplier;

/** What happened in all spaces of a session. Confined to the session's event loop. */
public final class SpaceCounters {
  /** How long the faults took. */
  public final FaultLatencies latencies;

  /** Faults read. */
  public long faults;

  /** Pages of the dump placed, once for each process that has them. */
  public long placedPages;

  /** Of them, pages that the origin named as zeros. */
  public long placedZeroPages;

  /** Pages that are not of the dump, or not any more, filled with zeros for a fault. */
  public long zeroPages;

  /** Pages that were there already when they were placed. */
  public long alreadyPresent;

  /** Pages that arrived for addresses that were not mapped. */
  public long unmappedPages;

  public long forks;
  public long remaps;
  public long removes;
  public long unmaps;

  /**
   * @param clock in nanoseconds
   */
  public SpaceCounters(LongSupplier clock) {
    latencies = new FaultLatencies(clock);
  }
}
