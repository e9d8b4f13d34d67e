package io.faultline.paging;

import io.faultline.paging.table.FrameBudget;

/**
 * The part of the buffer that a region with a budget has, or that all regions without one have
 * together: how many of their pages are in memory (without staged ones), and in which order they
 * leave. Thread-safe.
 */
final class FrameShare {
  private static final int LOW_WATER_SHARE = 16;

  private final EvictionQueue queue;
  private final FrameBudget budget;
  private final long least;
  private final long lowWater;
  private volatile boolean wanted;
  private volatile boolean exhausted;

  /**
   * @param least the number of pages below which no other share makes them leave
   * @param most the maximum number of pages
   * @param queued the maximum number of pages that can be in the queue
   */
  FrameShare(long least, long most, long queued) {
    this.queue = new EvictionQueue(queued);
    this.budget = new FrameBudget(most);
    this.least = least;
    this.lowWater = most / LOW_WATER_SHARE;
  }

  EvictionQueue queue() {
    return queue;
  }

  long least() {
    return least;
  }

  FrameBudget budget() {
    return budget;
  }

  int reserveUpTo(int pages) {
    return pages <= 0 ? 0 : budget.reserveUpTo(pages);
  }

  /** Adds pages that return from the staging ring, with their frames, even beyond the limit. */
  void addRescued(int pages) {
    budget.force(pages);
  }

  void release(long pages) {
    if (pages > 0) {
      budget.release(pages);
      wanted = false;
      exhausted = false;
    }
  }

  /** Notes that a thread found no page within the limit. */
  void setWanted() {
    wanted = true;
  }

  boolean isWanted() {
    return wanted;
  }

  boolean isFull() {
    return budget.free() <= 0;
  }

  /** Whether pages should leave for the sake of the limit. */
  boolean isLow() {
    return isBelow(lowWater);
  }

  /** Whether, once they leave, more should. */
  boolean isBelowHighWater() {
    return isBelow(lowWater + lowWater / 2);
  }

  private boolean isBelow(long mark) {
    return budget.free() < mark || (wanted && isFull());
  }

  /** The number of pages above those that are its own. */
  long excess() {
    return budget.used() - least;
  }

  /** Pages that are free within the limit, beyond a few that are kept for single faults. */
  long spare(long mostKept) {
    return budget.free() - Math.min(lowWater, mostKept);
  }

  void setExhausted() {
    exhausted = true;
  }

  /** Whether no page can leave, so that none can come. */
  boolean isExhausted() {
    return exhausted && isFull();
  }
}
