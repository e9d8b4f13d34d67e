package io.faultline.paging;

import io.faultline.paging.table.PageState;
import java.io.IOException;

/** What an application may ask for, for a region of any {@link Backing}. Thread-safe. */
final class RegionCalls {
  private final PagerCore core;
  private final Region region;

  RegionCalls(PagerCore core, Region region) {
    this.core = core;
    this.region = region;
  }

  void prefetch(long offset, long length) {
    long first = firstPage(offset, length);
    long end = Math.min(endPage(offset, length), first + core.pins.total());
    Lane lane = core.lanes.take();
    try {
      for (long page = first; page < end; page++) {
        core.service.ensure(region, page, false, lane);
      }
    } finally {
      core.lanes.give(lane);
    }
  }

  void advise(AccessAdvice advice, long offset, long length) {
    switch (advice) {
      case NORMAL, RANDOM, SEQUENTIAL -> region.advice = advice;
      case WILL_NEED -> prefetch(offset, length);
      case DONT_NEED ->
          core.discarder.dropClean(region, firstPage(offset, length), endPage(offset, length));
    }
  }

  void flush(long offset, long length) {
    try {
      core.flusher.flush(region, firstPage(offset, length), endPage(offset, length));
    } catch (IOException e) {
      throw new PagingException(region + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** Writes whatever can still be written. */
  void flushForClose() {
    try {
      if (region.lost() == null || region.backing.outlivesMapping()) {
        flush(0, region.lengthBytes);
        return;
      }
    } catch (PagingException e) {
      if (region.lost() == null || region.backing.outlivesMapping()) {
        throw e;
      }
    }
    try {
      core.flusher.flushStaged(region);
    } catch (IOException e) {
      throw new PagingException(region + " cannot be written: " + e.getMessage(), e);
    }
  }

  void discard(long offset, long length) {
    if (!region.writable) {
      throw new IllegalStateException(region + " is read-only: it cannot be discarded");
    }
    long first = firstPage(offset, length);
    long end = endPage(offset, length);
    boolean toTheEnd = offset + length == region.lengthBytes;
    if (region.offset(first) != offset || (region.offset(end) != offset + length && !toTheEnd)) {
      throw new IllegalArgumentException(
          "range of " + length + " bytes at " + offset + " does not consist of whole pages");
    }
    try {
      core.discarder.discard(region, first, end);
    } catch (IOException e) {
      throw new PagingException(region + " cannot be discarded: " + e.getMessage(), e);
    }
  }

  void clearErrors() {
    core.discarder.clearErrors(region);
  }

  long residentPages() {
    long resident = 0;
    for (long page = 0; page < region.pages; page++) {
      resident += PageState.isResident(region.states.state(page)) ? 1 : 0;
    }
    return resident;
  }

  /** Whether the region is closed. */
  boolean isClosed() {
    return core.context.regions().get(region.index) != region;
  }

  /** Closes the region without writing what is not in the store yet. */
  void abandon() {
    try {
      core.context.watch().awaitReturn(region, core.context.pause());
    } catch (IOException e) {
      throw new PagingException(region + " cannot be closed: " + e.getMessage(), e);
    }
    region.setClosing();
    long frames = core.discarder.ownAll(region);
    region.backing.release(region);
    region.space.remove(region);
    forget(frames);
    region.space.uffd.wake(region.address, region.mappedBytes()); // of faults that were not served
  }

  /**
   * Writes everything, drops all pages, and makes every further access a memory error: for a
   * process that is still there when its pager ends. No store is lost that did not fail.
   */
  void withdraw() {
    flush(0, region.lengthBytes);
    long frames = 0;
    for (long page = 0; page < region.pages; page++) {
      int left = core.discarder.takeUnchanged(region, page);
      for (int round = 0; left < 0; round++) {
        flush(region.offset(page), region.bytes(page, 1)); // it was stored to since
        core.context.pause().round(round);
        left = core.discarder.takeUnchanged(region, page);
      }
      frames += left;
    }
    region.setClosing();
    region.backing.release(region);
    core.placement.poisonAll(region);
    region.space.remove(region);
    forget(frames);
  }

  private void forget(long frames) {
    core.context.regions().remove(region);
    core.context.frames().release(region.share, frames);
    core.context.frames().shares().remove(region.share);
  }

  long firstPage(long offset, long length) {
    if (offset < 0 || length <= 0 || offset > region.lengthBytes - length) {
      throw new IndexOutOfBoundsException(length + " bytes at offset " + offset + " of " + region);
    }
    return offset >>> region.pageShift;
  }

  long endPage(long offset, long length) {
    long inPage = (1L << region.pageShift) - 1;
    return (offset + length + inPage) >>> region.pageShift;
  }
}
