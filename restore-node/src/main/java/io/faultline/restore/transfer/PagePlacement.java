package io.faultline.restore.transfer;

import io.faultline.restore.space.Space;

/**
 * Places pages that have arrived in all spaces of their process. What the kernel refuses is asked
 * for again if the origin has it at hand, and kept otherwise. Confined to the session's event loop.
 */
final class PagePlacement {
  private final TransferCounters counters;
  private final ParkedPages parked = new ParkedPages();

  /** Whether pages of an immediate origin were refused since the last {@link #retry}. */
  private boolean refused;

  /** Since when the kernel has refused pages of an immediate origin; 0: it does not. */
  private long refusedNanos;

  PagePlacement(TransferCounters counters) {
    this.counters = counters;
  }

  /**
   * Places pages.
   *
   * @param immediate whether the origin has them at hand
   * @return whether they are not in flight any more: they are there, or must be asked for again
   */
  boolean place(TaskTransfer task, long first, int count, long data, boolean immediate, long now) {
    boolean placed = true;
    for (int i = 0; i < task.spaces().size(); i++) { // a fork adds one meanwhile
      Space space = task.spaces().get(i);
      if (!space.place(first, count, data, isPatient(now))) {
        placed = false;
        refused(space, first, count, data, immediate, now);
      }
    }
    if (placed) {
      refusedNanos = 0;
    }
    return placed || immediate;
  }

  private boolean isPatient(long now) {
    return refusedNanos == 0 || now - refusedNanos < ParkedPages.UNMAPPED_NANOS;
  }

  private void refused(Space space, long first, int count, long data, boolean immediate, long now) {
    counters.parked++;
    if (immediate) {
      refused = true;
      refusedNanos = refusedNanos == 0 ? now : refusedNanos;
    } else {
      parked.add(space, first, count, data, now);
    }
  }

  /** Whether pages of an immediate origin were refused, so that none is to be asked for now. */
  boolean isRefused() {
    return refused;
  }

  /** Whether the kernel refused pages: {@link #retry} is due soon. */
  boolean isBlocked() {
    return refused || !parked.isEmpty();
  }

  /** Tries again to place what the kernel refused. */
  void retry(long now, ParkedPages.Placed placed) {
    refused = false;
    parked.retry(now, placed);
  }

  /** Frees what is left. */
  void clear() {
    parked.clear();
  }
}
