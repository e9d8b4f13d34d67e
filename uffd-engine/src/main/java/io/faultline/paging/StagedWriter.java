package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.Run;
import io.faultline.paging.table.StagingRing;
import io.faultline.uffd.Advice;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;

/**
 * Writes staged pages to their stores, oldest first, and then frees their frames; one of several
 * threads that do. Two writes of one page stay in order: a newer one waits until an older one has
 * ended. If a store fails, its pages stay staged, and the thread tries again, with growing pauses.
 */
final class StagedWriter implements Runnable {
  private static final long IDLE_NANOS = 100_000_000;
  private static final long FIRST_RETRY_NANOS = 5_000_000;
  private static final long LAST_RETRY_NANOS = 1_000_000_000;

  private final PagerContext pager;
  private final StagedWriters all;
  private final StagingRing.Batch batch;
  private final StoreCall call = new StoreCall();
  private boolean failing;
  private long retryNanos = FIRST_RETRY_NANOS;

  StagedWriter(PagerContext pager, StagedWriters all) {
    this.pager = pager;
    this.all = all;
    this.batch = pager.staging().newBatch();
    pager.watch().add(call);
  }

  @Override
  public void run() {
    while (!all.isStopped()) {
      if (writeOldest()) {
        retryNanos = FIRST_RETRY_NANOS;
      } else if (failing) {
        all.sleep(true, retryNanos);
        retryNanos = Math.min(LAST_RETRY_NANOS, retryNanos * 2);
      } else {
        all.sleep(false, IDLE_NANOS);
      }
    }
  }

  /**
   * Writes the oldest run that no other thread has claimed, and those that continue it; or again
   * what its store has refused. False if there is none, or its store fails.
   */
  boolean writeOldest() {
    if (batch.isEmpty() && !pager.staging().claim(batch, pager.maxWindow())) {
      return false;
    }
    long run = batch.run();
    Region region = pager.regions().get(Run.region(run));
    if (region == null) { // closed, so its pages were all written or taken back
      free();
      return true;
    }
    long attempt = all.begin();
    try {
      writeAll(region, Run.first(run), Run.count(run), batch.slot());
    } catch (IOException e) {
      all.noteFailure(region, run, e, attempt, !failing);
      failing = true;
      return false;
    }
    if (failing) {
      failing = false;
      all.noteRecovery();
    }
    free();
    return true;
  }

  /** Writes until each page of a run is in the store or was rescued: a rescue can fail. */
  private void writeAll(Region region, long first, int count, int slot) throws IOException {
    for (int round = 0; ; round++) {
      batch.setInFlight(true);
      try {
        awaitOlderWrite();
        writeStaged(region, first, count, slot);
      } finally {
        batch.setInFlight(false);
      }
      if (areClear(slot, count)) {
        return;
      }
      pager.pause().round(round);
    }
  }

  private void awaitOlderWrite() {
    for (int round = 0; pager.staging().mustWait(batch); round++) {
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
      boolean _ = settle(region, page, pager.staging().find(region.index, page), false);
      return false;
    }
    return true;
  }

  private void write(Region region, long first, int count, int slot) throws IOException {
    boolean written = false;
    try {
      writeToStore(region, first, count, slot);
      written = true;
    } finally {
      settleAll(region, first, count, slot, written);
    }
  }

  private void writeToStore(Region region, long first, int count, int slot) throws IOException {
    Backing backing = region.backing;
    long offset = backing.stagedOffset(region, first, slot);
    call.begin(region, PagingError.Kind.WRITE, first, count);
    try {
      region.store.write(
          region.offset(first), backing.staged(), offset, region.bytes(first, count));
    } catch (RuntimeException | Error e) { // this thread must go on
      throw new IOException("the store failed: " + e, e);
    } finally {
      call.end();
    }
    pager.count(Counter.WRITES, 1);
    pager.count(Counter.PAGES_WRITTEN, count);
  }

  private void settleAll(Region region, long first, int count, int slot, boolean written)
      throws IOException {
    boolean left = true;
    int start = 0;
    while (start < count) {
      int end = start;
      while (end < count && settle(region, first + end, slot + end, written)) {
        end++;
      }
      if (written && end > start) {
        left &= leave(region, first + start, end - start, slot + start);
      }
      start = end + 1;
    }
    if (!left) {
      throw new IOException("the kernel does not free the memory of pages that were written");
    }
  }

  /**
   * Ends the write of a page. While a rescue goes on, its end is awaited, since it may fail and
   * leave the page as it was.
   *
   * @param slot that has the page; negative if it was rescued
   * @return false if it was rescued meanwhile: its slot is clear. Else it is CHANGING if it was
   *     written, or STAGED again
   */
  private boolean settle(Region region, long page, int slot, boolean written) {
    int next = written ? PageState.CHANGING : PageState.STAGED;
    for (int round = 0; !region.states.change(page, PageState.WRITING, next); round++) {
      if (slot < 0 || pager.staging().isClear(slot)) {
        return false;
      }
      pager.pause().round(round);
    }
    return true;
  }

  /** Makes pages absent that were written. If that is impossible, they are staged as before. */
  private boolean leave(Region region, long first, int count, int slot) {
    int frames;
    try {
      frames = region.backing.dropStaged(region, first, count);
    } catch (SystemCallException e) {
      for (int i = 0; i < count; i++) {
        region.states.settle(first + i, PageState.STAGED);
      }
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (frames > 0) {
        pager.staging().clearHole(slot + i);
      } else {
        pager.staging().clear(slot + i);
      }
    }
    region.states.setAbsent(first, count, region.share.queue().ghost());
    pager.frames().releaseStaged(frames);
    return true;
  }

  /** Frees the frames of the batch, all slots of which are clear. */
  private void free() {
    int slot = batch.slot();
    int count = Run.count(batch.run());
    int frames = pager.staging().takeFrames(slot, count);
    if (frames > 0) {
      pager.kernel().advise(pager.stagingAddress(slot), pager.bytes(count), Advice.DONT_NEED);
    }
    pager.staging().release(batch);
    pager.frames().left(count, frames);
  }
}
