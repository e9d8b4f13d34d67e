package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.uffd.ProtectMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes dirty pages without evicting them, while faults go on. A run is write-protected, copied,
 * and written from the copy; a page that is written to meanwhile stays dirty. A page pinned for
 * stores by Java code is copied unprotected, and stays dirty too: it must not fault.
 *
 * <p>Thread-safe: one flush at a time, for the one buffer.
 */
final class Flusher {
  private static final long LOCK_MILLIS = 100;

  private final PagerContext pager;
  private final Placement placement;
  private final StagedWriters writers;
  private final Lane lane;
  private final ReentrantLock lock = new ReentrantLock();

  Flusher(PagerContext pager, Placement placement, StagedWriters writers, Lane lane) {
    this.pager = pager;
    this.placement = placement;
    this.writers = writers;
    this.lane = lane;
  }

  /**
   * Writes what was stored to these pages before the call, and makes it durable.
   *
   * @throws IOException if a store fails: everything not written is dirty still
   */
  void flush(Region region, long first, long end) throws IOException {
    lock();
    try {
      for (long page = first; page < end; ) {
        int count = take(region, page, end);
        if (count > 0) {
          write(region, page, count);
          page += count;
        } else {
          awaitWritten(region, page);
          page++;
        }
      }
    } finally {
      lock.unlock();
    }
    sync(region);
  }

  /** Waits for the flush of another thread, but not for ever. */
  private void lock() throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (lock.tryLock(LOCK_MILLIS, TimeUnit.MILLISECONDS)) {
            return;
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
        if (pager.watch().isHung(null)) {
          throw new IOException("another flush does not end, since its store does not return");
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void sync(Region region) throws IOException {
    try {
      region.store.sync();
    } catch (RuntimeException | Error e) {
      throw new IOException("the store failed: " + e, e);
    }
  }

  /**
   * Writes the pages of a lost region that had left its memory before.
   *
   * @throws IOException if the store fails
   */
  void flushStaged(Region region) throws IOException {
    for (long page = 0; page < region.pages; page++) {
      long begun = writers.begun();
      for (int round = 0; isStaged(region, page); round++) {
        awaitWriter(region, begun, round);
        pager.pause().round(round);
      }
    }
    sync(region);
  }

  private static boolean isStaged(Region region, long page) {
    int state = region.states.state(page);
    return state == PageState.STAGED || state == PageState.WRITING;
  }

  private void awaitWriter(Region region, long begun, int round) throws IOException {
    IOException failure = writers.failure();
    if (failure != null && writers.lastFailed() > begun) {
      throw failure;
    }
    writers.kick();
    pager.watch().requireResponsive(region, round);
  }

  /** Takes consecutive dirty pages: FLUSHING, or FLUSHING_DIRTY if they are pinned. */
  private int take(Region region, long first, long end) {
    int most = (int) Math.min(end - first, pager.maxWindow());
    int count = 0;
    int unprotected = 0;
    while (count < most) {
      long page = first + count;
      if (region.states.changeUnpinned(page, PageState.DIRTY, PageState.CHANGING)) {
        unprotected++;
      } else {
        protect(region, page - unprotected, unprotected);
        unprotected = 0;
        if (!region.states.change(page, PageState.DIRTY, PageState.FLUSHING_DIRTY)
            && !region.states.change(page, PageState.LOGGED, PageState.FLUSHING)) {
          break;
        }
      }
      count++;
    }
    protect(region, first + count - unprotected, unprotected);
    return count;
  }

  private void protect(Region region, long first, int count) {
    if (count > 0) {
      boolean done = placement.protect(region, first, count, ProtectMode.PROTECT, lane);
      region.noteChanged(first, count);
      for (int i = 0; i < count; i++) {
        region.states.settle(first + i, done ? PageState.FLUSHING : PageState.FLUSHING_DIRTY);
      }
    }
  }

  private void write(Region region, long first, int count) throws IOException {
    boolean written = false;
    try {
      requireMapped(region);
      pager.awaitOlderWrite(region, first, count);
      MemorySegment copy = lane.buffer;
      region.backing.read(region, first, count, copy);
      writeCopy(region, first, count, copy);
      pager.count(Counter.WRITES, 1);
      pager.count(Counter.PAGES_WRITTEN, count);
      written = true;
    } finally {
      for (int i = 0; i < count; i++) {
        finish(region, first + i, written);
      }
    }
  }

  private void writeCopy(Region region, long first, int count, MemorySegment copy)
      throws IOException {
    lane.call.begin(region, PagingError.Kind.WRITE, first, count);
    try {
      region.store.write(region.offset(first), copy, 0, region.bytes(first, count));
    } catch (RuntimeException | Error e) {
      throw new IOException("the store failed: " + e, e);
    } finally {
      lane.call.end();
    }
  }

  private static void requireMapped(Region region) throws IOException {
    String lost = region.lost();
    if (lost != null && !region.backing.outlivesMapping()) {
      throw new IOException("it was " + lost);
    }
  }

  private void finish(Region region, long page, boolean written) {
    for (int round = 0; ; round++) {
      int state = region.states.state(page);
      boolean done =
          switch (state) {
            case PageState.FLUSHING_DIRTY -> region.states.change(page, state, PageState.DIRTY);
            case PageState.FLUSHING ->
                written
                    ? region.states.change(page, state, PageState.CLEAN)
                    : makeDirty(region, page);
            case PageState.POISONED -> true; // the application had dropped it
            default -> false; // a fault handler makes it writable now
          };
      if (done) {
        return;
      }
      pager.pause().round(round);
    }
  }

  private boolean makeDirty(Region region, long page) {
    if (!region.states.change(page, PageState.FLUSHING, PageState.CHANGING)) {
      return false;
    }
    boolean done =
        placement.protect(region, page, 1, ProtectMode.UNPROTECT, lane) || region.lost() != null;
    region.states.settle(page, done ? PageState.DIRTY : PageState.FLUSHING);
    return done;
  }

  /** Waits until a page that is in flux or staged is absent or clean, or dirty and written here. */
  private void awaitWritten(Region region, long page) throws IOException {
    long begun = writers.begun();
    for (int round = 0; ; round++) {
      switch (region.states.state(page)) {
        case PageState.ABSENT, PageState.CLEAN, PageState.AHEAD, PageState.POISONED -> {
          return;
        }
        case PageState.DIRTY, PageState.LOGGED -> {
          if (take(region, page, page + 1) == 1) {
            write(region, page, 1);
            return;
          }
        }
        case PageState.STAGED, PageState.WRITING -> {
          awaitWriter(region, begun, round);
        }
        default -> pager.watch().requireResponsive(region, round);
      }
      pager.pause().round(round);
    }
  }
}
