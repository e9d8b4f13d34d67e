package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.Run;
import io.faultline.paging.table.RunRing;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.SystemCallException;
import java.util.ArrayDeque;

/**
 * The thread that makes room. Clean pages are dropped: they are write-protected, so a store to one
 * must pass a fault handler first, and none can be lost. Dirty pages are moved to the staging ring,
 * which is atomic: a store before the move leaves with the page, one after it faults. Nothing is
 * read from memory that is in use, so no call of the kernel can fault into the pager itself.
 *
 * <p>Pages that are pinned, in flux, or that the kernel uses for I/O go back into the queue.
 */
final class Evictor implements Runnable {
  private static final long IDLE_NANOS = 100_000_000;
  private static final long NO_PROGRESS_NANOS = 2_000_000;
  private static final long PATIENCE_NANOS = 1_000_000_000;
  private static final int MISSES = 8;
  private static final int MOVE_ATTEMPTS = 3;
  private static final int LEAST_ROOM = 64;
  private static final long NONE = RunRing.EMPTY;

  private final PagerContext pager;
  private final StagedWriters writers;

  /** Longer runs wait until the staging ring has so many slots. */
  private final int leastRoom;

  /** Runs that found no place in the queue; almost always empty. */
  private final ArrayDeque<Long> overflow = new ArrayDeque<>();

  private volatile boolean stopped;

  /** The rest of a run that was interrupted by a full staging ring; it comes first. */
  private long unfinished = NONE;

  /** The number of pages that left during the last {@link #evictNext}. */
  private int left;

  /** The number of runs in a row of which no page could leave. */
  private int misses;

  private boolean stagingWasFull;
  private long lastProgressNanos = System.nanoTime();

  /** Why the last move ended, an errno. */
  private int refusal;

  Evictor(PagerContext pager, StagedWriters writers) {
    this.pager = pager;
    this.writers = writers;
    this.leastRoom = Math.clamp(pager.staging().slots() / 4, 1, LEAST_ROOM);
  }

  /** Ends the thread soon. */
  void stop() {
    stopped = true;
    pager.frames().wakeEvictor();
  }

  @Override
  public void run() {
    while (!stopped) {
      if (pager.frames().isLow() || pager.queue().isCrowded()) {
        makeRoom();
      } else {
        pager.frames().awaitLow(IDLE_NANOS);
        lastProgressNanos = System.nanoTime();
      }
    }
  }

  /** Goes through the queue once, or until there is room. */
  private void makeRoom() {
    long evicted = 0;
    int runs = pager.queue().size() + overflow.size() + 1;
    for (int i = 0; i < runs && !stopped; i++) {
      if (!pager.frames().isBelowHighWater() && !pager.queue().isCrowded()) {
        lastProgressNanos = System.nanoTime();
        return;
      }
      if (!evictNext()) {
        break;
      }
      evicted += left;
      misses = left == 0 ? misses + 1 : 0;
      if (stagingWasFull && writers.failure() == null) {
        break; // dirty pages keep their place in the order: wait for the writer
      }
    }
    if (evicted == 0) {
      noteNoProgress();
    } else {
      lastProgressNanos = System.nanoTime();
    }
  }

  /** Pages that the kernel uses, or that are pinned, may be free soon: only time tells. */
  private void noteNoProgress() {
    long now = System.nanoTime();
    boolean mayComeFree = !pager.staging().isEmpty() && writers.failure() == null;
    if (mayComeFree || pager.frames().budget().free() > 0) {
      lastProgressNanos = now;
    } else if (now - lastProgressNanos > PATIENCE_NANOS) {
      pager.frames().setExhausted();
    }
    pager.frames().awaitRelease(NO_PROGRESS_NANOS);
  }

  /** Evicts the pages of the next run as far as possible. False if there is no run. */
  boolean evictNext() {
    left = 0;
    stagingWasFull = false;
    long run = next();
    if (run == NONE) {
      return false;
    }
    Region region = pager.regions().get(Run.region(run));
    if (region != null && region.lost() == null && !region.isClosing()) {
      evict(region, Run.first(run), Math.min(region.pages, Run.first(run) + Run.count(run)));
    }
    return true;
  }

  private long next() {
    long run = unfinished;
    unfinished = NONE;
    if (run == NONE && !overflow.isEmpty()) {
      run = overflow.remove();
    }
    return run == NONE ? pager.queue().next(misses > MISSES) : run;
  }

  /**
   * @param end exclusive; a run of an older region with the same index may have been longer
   */
  private void evict(Region region, long first, long end) {
    for (long page = first; page < end; page++) {
      region.states.dequeue(page);
    }
    long page = first;
    while (page < end) {
      int done = dropClean(region, page, end);
      if (done == 0) {
        done = stageDirty(region, page, end);
      }
      if (done == 0 && stagingWasFull) {
        interrupt(region, page, (int) (end - page));
        return;
      }
      if (done == 0) {
        if (stays(region.states.state(page))) {
          requeue(region, page, 1);
        }
        done = 1;
      }
      page += done;
    }
  }

  /** Keeps the rest of a run for later: next, or if its store fails, at the end of the queue. */
  private void interrupt(Region region, long first, int count) {
    if (writers.failure() != null) {
      requeue(region, first, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      region.states.enqueue(first + i);
    }
    unfinished = Run.of(region.index, first, count);
  }

  /** Whether a page that could not be evicted now must be tried again. */
  private static boolean stays(int state) {
    return PageState.isResident(state) || PageState.isFilling(state) || state == PageState.CHANGING;
  }

  /** Drops consecutive clean pages from here on; returns their number. */
  private int dropClean(Region region, long first, long end) {
    int count = take(region, first, end, PageState.CLEAN, Integer.MAX_VALUE);
    if (count == 0) {
      return 0;
    }
    try {
      pager.kernel().advise(region.address(first), pager.bytes(count), Advice.DONT_NEED);
    } catch (SystemCallException e) { // unmapped, which an event will say; or locked (mlock)
      for (int i = 0; i < count; i++) {
        region.states.settle(first + i, PageState.CLEAN);
      }
      pager.count(Counter.BUSY, count);
      requeue(region, first, count);
      return count;
    }
    setAbsent(region, first, count);
    pager.count(Counter.EVICTED_CLEAN, count);
    pager.frames().release(count);
    left += count;
    return count;
  }

  private static int take(Region region, long first, long end, int state, int most) {
    int count = 0;
    while (first + count < end
        && count < most
        && region.states.changeUnpinned(first + count, state, PageState.CHANGING)) {
      count++;
    }
    return count;
  }

  private void setAbsent(Region region, long first, int count) {
    int ghost = pager.queue().ghost();
    for (int i = 0; i < count; i++) {
      region.states.setAbsent(first + i, ghost);
    }
    pager.queue().countEvicted(count);
  }

  /** Moves consecutive dirty pages from here on to the staging ring; returns the number handled. */
  private int stageDirty(Region region, long first, long end) {
    if (region.states.state(first) != PageState.DIRTY) {
      return 0;
    }
    int wanted = (int) Math.min(end - first, pager.maxWindow());
    int room = pager.staging().available(wanted);
    // a run that leaves in crumbs is written in crumbs, and read back in crumbs
    stagingWasFull = room < Math.min(wanted, leastRoom);
    if (stagingWasFull) {
      return 0;
    }
    int count = take(region, first, end, PageState.DIRTY, room);
    if (count == 0) {
      return 0;
    }
    int slot = pager.staging().nextSlot();
    for (int i = 0; i < count; i++) {
      pager.staging().name(slot + i, region.index, first + i);
    }
    int moved = move(region, first, count, slot);
    for (int i = moved; i < count; i++) {
      pager.staging().clear(slot + i);
    }
    int handled = count;
    if (moved < count) {
      handled = moved + returnFirst(region, first + moved, count - moved);
    }
    if (moved > 0) {
      stage(region, first, moved);
    }
    return handled;
  }

  /** The number of pages moved, up to the first that the kernel refuses. */
  private int move(Region region, long first, int count, int slot) {
    long length = pager.bytes(count);
    long done = 0;
    for (int round = 0; done < length; round++) {
      long result =
          pager
              .uffd()
              .move(
                  pager.stagingAddress(slot) + done,
                  region.address(first) + done,
                  length - done,
                  MoveMode.DONT_WAKE);
      done += FillResult.bytesDone(result);
      refusal = FillResult.errno(result);
      boolean again = refusal == Errno.EAGAIN && round < MOVE_ATTEMPTS;
      if (refusal != 0 && !again) {
        break;
      }
    }
    return (int) (done / pager.pageBytes());
  }

  /**
   * Gives back pages that were not moved; the first one is why. If it is missing, the application
   * has dropped it (MADV_DONTNEED), and its frame is free.
   *
   * @return 1: the first page is handled, the others are tried again
   */
  private int returnFirst(Region region, long first, int count) {
    boolean vanished = refusal == Errno.ENOENT && region.lost() == null;
    for (int i = vanished ? 1 : 0; i < count; i++) {
      region.states.settle(first + i, PageState.DIRTY);
    }
    if (vanished) {
      pager.awaitOlderWrite(region, first, 1);
      region.states.setAbsent(first, 0);
      pager.count(Counter.VANISHED, 1);
      pager.frames().release(1);
      left++;
    } else {
      pager.count(Counter.BUSY, 1);
      requeue(region, first, 1);
    }
    return 1;
  }

  private void stage(Region region, long first, int count) {
    for (int i = 0; i < count; i++) {
      region.states.settle(first + i, PageState.STAGED);
    }
    pager.staging().add(Run.of(region.index, first, count));
    pager.frames().addLeaving(count);
    pager.queue().countEvicted(count);
    pager.count(Counter.EVICTED_DIRTY, count);
    left += count;
    writers.kick();
  }

  private void requeue(Region region, long first, int count) {
    if (!pager.queue().add(region, first, count, false)) {
      overflow.add(Run.of(region.index, first, count));
    }
  }
}
