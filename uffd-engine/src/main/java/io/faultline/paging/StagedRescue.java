package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.StreamTable;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillResult;

/**
 * Brings pages back that have left their region and are not in the store yet. An access that
 * continues a stream brings as many with it as a fill would read, so that a run which comes back
 * has not as many faults as pages.
 */
final class StagedRescue {
  private final PagerContext pager;
  private final Placement placement;

  StagedRescue(PagerContext pager, Placement placement) {
    this.pager = pager;
    this.placement = placement;
  }

  /**
   * Brings a page back.
   *
   * @param state STAGED: not yet being written. It needs no frame: it keeps its own. WRITING: it is
   *     copied, and the write goes on, with contents that are out of date once the page changes: it
   *     is dirty again, and a later write follows in the ring. If it is staged in place, the end of
   *     the write is awaited
   * @return false if the page has changed its state, there is no frame, or the kernel refuses now:
   *     look again. If true, {@link Lane#stream} is the stream
   */
  boolean bringBack(Region region, long page, int state, Lane lane) {
    boolean copies = state == PageState.WRITING;
    if (copies && region.backing.stagesInPlace()) {
      return false; // a store now would change what is being written
    }
    if (copies && !pager.frames().reserve(region.share)) {
      return false;
    }
    if (!region.states.change(page, state, PageState.FILLING)) {
      pager.frames().release(region.share, copies ? 1 : 0);
      return false;
    }
    boolean isRandom = region.advice == AccessAdvice.RANDOM;
    long plan = isRandom ? StreamTable.NONE : pager.reads().plan(region.index, page);
    int slot = pager.staging().find(region.index, page);
    int direction = isRandom ? 0 : StreamTable.direction(plan);
    int more = direction == 0 ? 0 : take(region, page, slot, state, plan);
    long first = direction < 0 ? page - more : page;
    int count = more + 1;
    int firstSlot = direction < 0 ? slot - more : slot;
    int back = bring(region, first, count, firstSlot, copies, lane);
    finish(region, first, back, direction == 0);
    if (back == count && plan != StreamTable.NONE) {
      lane.stream = StreamTable.entry(plan);
      pager.reads().filled(lane.stream, region.index, first, count);
    }
    return page < first + back;
  }

  /** Takes neighbours of a page that have the same state, in slots that are neighbours too. */
  private int take(Region region, long page, int slot, int state, long plan) {
    int direction = StreamTable.direction(plan);
    int most = Math.min(StreamTable.window(plan), pager.maxWindow()) - 1;
    if (state == PageState.WRITING) {
      most =
          pager
              .frames()
              .reserveUpTo(region.share, Math.min(most, pager.frames().spare(region.share)));
    }
    int taken = 0;
    while (taken < most) {
      int step = direction * (taken + 1);
      if (!take(region, page + step, slot + step, state)) {
        break;
      }
      taken++;
    }
    pager.frames().release(region.share, state == PageState.WRITING ? most - taken : 0);
    return taken;
  }

  private boolean take(Region region, long page, int slot, int state) {
    boolean inside = page >= 0 && page < region.pages && slot >= 0;
    if (!inside
        || !pager.staging().has(slot, region.index, page)
        || !region.states.change(page, state, PageState.FILLING)) {
      return false;
    }
    if (!pager.staging().has(slot, region.index, page)) { // staged again in another slot meanwhile
      region.states.settle(page, state);
      return false;
    }
    return true;
  }

  /** Returns how many are back, from the first on; gives up the others. */
  private int bring(Region region, long first, int count, int slot, boolean copies, Lane lane) {
    int back;
    int errno;
    if (copies) {
      long source = pager.staged().address() + pager.bytes(slot);
      back = placement.copy(region, first, count, source, true, lane);
      errno = Errno.ENOMEM;
      for (int i = 0; i < back; i++) {
        pager.staging().clear(slot + i);
      }
      pager.frames().release(region.share, count - back);
    } else {
      long result = region.backing.unstage(region, first, count, slot, lane);
      back = (int) (FillResult.bytesDone(result) / pager.pageBytes());
      errno = FillResult.errno(result);
      region.share.addRescued(back);
    }
    if (back < count) {
      int state = copies ? PageState.WRITING : PageState.STAGED;
      giveUp(region, first + back, count - back, state, errno);
    }
    return back;
  }

  /**
   * Leaves pages where their contents are, in their slots. {@link StagedWriter} brings them to the
   * store, and an access that waits for one tries again here or reads it from there.
   */
  private void giveUp(Region region, long first, int count, int state, int errno) {
    for (int i = 0; i < count; i++) {
      region.states.settle(first + i, state);
    }
    placement.wake(region, first, count);
    if (errno == Errno.EBUSY) {
      pager.count(Counter.BUSY, 1);
    } else if (region.lost() == null && errno == Errno.ENOMEM) { // a second has passed
      pager.report(
          region,
          PagingError.Kind.MEMORY,
          first,
          1,
          "page " + first + " of " + region + " waits, since the kernel has no memory for it");
    }
  }

  /** The slots are clear by now, so that they are never confused with later ones of the pages. */
  private void finish(Region region, long first, int count, boolean isHot) {
    if (count == 0) {
      return;
    }
    pager.count(Counter.RESCUED, count);
    placement.settle(region, first, count, PageState.DIRTY);
    pager.enqueue(region, first, count, isHot);
  }
}
