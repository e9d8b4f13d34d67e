package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.Run;
import io.faultline.paging.table.RunRing;
import io.faultline.uffd.Advice;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that writes staged pages to their stores, oldest first, and then frees their frames.
 * So two writes of one page stay in order. If a store fails, its pages stay staged, and the thread
 * tries again, with growing pauses.
 */
final class StagedWriter implements Runnable {
  private static final long IDLE_NANOS = 100_000_000;
  private static final long FIRST_RETRY_NANOS = 5_000_000;
  private static final long LAST_RETRY_NANOS = 1_000_000_000;

  private final PagerContext pager;
  private volatile boolean stopped;
  private volatile @Nullable IOException failure;
  private volatile @Nullable Thread idle;
  private volatile long attempts;
  private long retryNanos = FIRST_RETRY_NANOS;

  StagedWriter(PagerContext pager) {
    this.pager = pager;
  }

  /** Ends the thread soon. */
  void stop() {
    stopped = true;
    kick();
  }

  /** Makes the thread work now, instead of waiting for pages or until its next attempt. */
  void kick() {
    Thread sleeper = idle;
    if (sleeper != null) {
      LockSupport.unpark(sleeper);
    }
  }

  /** Why the oldest pages cannot be written now; null while writes succeed. */
  @Nullable IOException failure() {
    return failure;
  }

  /** The number of runs that it has tried to write: a later failure has a higher one. */
  long attempts() {
    return attempts;
  }

  @Override
  public void run() {
    while (!stopped) {
      if (writeOldest()) {
        retryNanos = FIRST_RETRY_NANOS;
      } else if (failure != null) {
        sleep(retryNanos);
        retryNanos = Math.min(LAST_RETRY_NANOS, retryNanos * 2);
      } else {
        sleep(IDLE_NANOS);
      }
    }
  }

  private void sleep(long nanos) {
    idle = Thread.currentThread();
    if (!stopped && (failure != null || pager.staging().isEmpty())) {
      LockSupport.parkNanos(this, nanos);
    }
    idle = null;
  }

  /**
   * Writes the oldest run, and those that continue it. False if there is none, or its store fails.
   */
  boolean writeOldest() {
    long run = pager.staging().oldest();
    if (run == RunRing.EMPTY) {
      return false;
    }
    Region region = pager.regions().get(Run.region(run));
    int slot = pager.staging().slotOfOldest();
    int runs = pager.staging().joined(pager.maxWindow());
    int count = pager.staging().pages(runs);
    if (region == null) { // closed, so its pages were all written or taken back
      free(slot, count, runs);
      return true;
    }
    try {
      writeAll(region, Run.first(run), count, slot);
    } catch (IOException e) {
      noteFailure(region, Run.first(run), count, e);
      noteAttempt();
      return false;
    }
    noteSuccess();
    noteAttempt();
    free(slot, count, runs);
    return true;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone changes it
  private void noteAttempt() {
    attempts = attempts + 1;
  }

  /** Writes until each page of a run is in the store or was rescued: a rescue can fail. */
  private void writeAll(Region region, long first, int count, int slot) throws IOException {
    for (int round = 0; ; round++) {
      pager.staging().setBeingWritten(Run.of(region.index, first, count));
      try {
        writeStaged(region, first, count, slot);
      } finally {
        pager.staging().setBeingWritten(RunRing.EMPTY);
      }
      if (areClear(slot, count)) {
        return;
      }
      pager.pause().round(round);
    }
  }

  private boolean areClear(int slot, int count) {
    for (int i = 0; i < count; i++) {
      if (!pager.staging().isClear(slot + i)) {
        return false;
      }
    }
    return true;
  }

  /** Writes the pages of a run that have not been rescued, consecutive ones together. */
  private void writeStaged(Region region, long first, int count, int slot) throws IOException {
    int start = 0;
    while (start < count) {
      int end = start;
      while (end < count && take(region, first + end, slot + end)) {
        end++;
      }
      if (end > start) {
        write(region, first + start, end - start, slot + start);
      }
      start = end + 1;
    }
  }

  /**
   * Takes a staged page to write it. Not if it was rescued, even if it was evicted again since:
   * then another slot has it, and this one was cleared before.
   */
  private boolean take(Region region, long page, int slot) {
    if (pager.staging().isClear(slot)
        || !region.states.change(page, PageState.STAGED, PageState.WRITING)) {
      return false;
    }
    if (pager.staging().isClear(slot)) {
      settle(region, page, pager.staging().find(region.index, page), false);
      return false;
    }
    return true;
  }

  private void write(Region region, long first, int count, int slot) throws IOException {
    boolean written = false;
    try {
      region.store.write(
          region.offset(first), pager.staged(), pager.bytes(slot), region.bytes(first, count));
      pager.count(Counter.WRITES, 1);
      pager.count(Counter.PAGES_WRITTEN, count);
      written = true;
    } catch (RuntimeException e) {
      throw new IOException("the store failed: " + e, e);
    } finally {
      for (int i = 0; i < count; i++) {
        settle(region, first + i, slot + i, written);
      }
    }
  }

  /**
   * Ends the write of a page. If it was rescued meanwhile, its slot is clear. While a rescue goes
   * on, its end is awaited, since it may fail and leave the page as it was.
   *
   * @param slot that has the page; negative if it was rescued
   */
  private void settle(Region region, long page, int slot, boolean written) {
    int next = written ? PageState.CHANGING : PageState.STAGED;
    for (int round = 0; !region.states.change(page, PageState.WRITING, next); round++) {
      if (slot < 0 || pager.staging().isClear(slot)) {
        return;
      }
      pager.pause().round(round);
    }
    if (written) {
      pager.staging().clear(slot);
      region.states.setAbsent(page, pager.queue().ghost());
    }
  }

  /** Frees the frames of runs, all slots of which are clear. */
  private void free(int slot, int count, int runs) {
    int frames = pager.staging().takeFrames(slot, count);
    if (frames > 0) {
      pager.kernel().advise(pager.stagingAddress(slot), pager.bytes(count), Advice.DONT_NEED);
    }
    for (int i = 0; i < runs; i++) {
      pager.staging().remove();
    }
    pager.frames().left(count, frames);
  }

  private void noteSuccess() {
    if (failure != null) {
      failure = null;
      pager.frames().setStuck(false);
    }
  }

  private void noteFailure(Region region, long first, int count, IOException e) {
    boolean isNew = failure == null;
    failure = e;
    pager.frames().setStuck(true);
    if (isNew) {
      pager.report(
          region,
          PagingError.Kind.WRITE,
          first,
          count,
          region + " cannot be written, its pages stay in memory: " + e.getMessage());
    }
  }
}
