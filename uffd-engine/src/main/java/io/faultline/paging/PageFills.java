package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.StreamTable;
import io.faultline.uffd.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Fills absent pages from the store, in windows whose size {@link StreamTable} chooses. */
final class PageFills {
  /** Smaller windows are not read ahead. */
  private static final int LEAST_AHEAD = 4;

  /** How often a window waits for frames: some milliseconds. */
  private static final int PATIENCE = 16;

  private static final int NOT_FILLED = -1;

  private final PagerContext pager;
  private final Placement placement;

  PageFills(PagerContext pager, Placement placement) {
    this.pager = pager;
    this.placement = placement;
  }

  /**
   * Fills a page that the caller has taken (FILLING) and reserved a frame for, and as many after or
   * before it as the stream suggests. On success {@link Lane#stream} is the stream.
   *
   * @param ghost that the page had
   * @param write whether the access is a store, for which pages become writable
   * @return false if it failed: the page is still FILLING, and {@link Lane#failure} says why
   */
  boolean fill(Region region, long page, int ghost, boolean write, Lane lane) {
    lane.stream = StreamTable.STREAMS;
    long plan = StreamTable.NONE;
    int more = 0;
    int direction = 0;
    if (region.advice != AccessAdvice.RANDOM) {
      boolean isAnnounced = region.advice == AccessAdvice.SEQUENTIAL;
      plan = pager.reads().plan(region.index, page, isAnnounced);
      direction = StreamTable.direction(plan);
      more = direction == 0 ? 0 : take(region, page + direction, direction, window(plan) - 1);
    }
    more = more == 0 ? NOT_FILLED : fillWindow(region, page, more, direction, write, lane);
    if (more == NOT_FILLED) {
      if (!fillAlone(region, page, resident(write), lane)) {
        return false;
      }
      more = 0;
    }
    long first = direction < 0 ? page - more : page;
    if (plan != StreamTable.NONE) {
      lane.stream = StreamTable.entry(plan);
      pager.reads().filled(lane.stream, region.index, first, more + 1);
    }
    // what a stream reads again is not hot: it would push out what single accesses return to
    boolean isHot = direction == 0 && region.share.queue().isHot(ghost);
    pager.enqueue(region, first, more + 1, isHot);
    notePassed(region, page, direction);
    return true;
  }

  private int window(long plan) {
    return Math.min(StreamTable.window(plan), pager.maxWindow());
  }

  /**
   * Fills a page and others that the caller has taken. What cannot be filled is given back, except
   * that page.
   *
   * @return how many others follow it in the direction now; or {@link #NOT_FILLED}: it is FILLING
   */
  private int fillWindow(
      Region region, long page, int more, int direction, boolean write, Lane lane) {
    long first = direction < 0 ? page - more : page;
    int count = more + 1;
    int placed = 0;
    if (read(region, first, count, lane)) {
      placed = placement.copy(region, first, count, lane.buffer.address(), write, lane);
    }
    placement.settle(region, first, placed, resident(write));
    giveBack(region, first + placed, count - placed, page);
    if (page < first + placed) {
      return placed - 1;
    }
    pager.enqueue(region, first, placed, false);
    return NOT_FILLED;
  }

  /**
   * Fills one page that the caller has taken.
   *
   * @param state that it gets; write-protected if that is CLEAN
   * @return false if it failed: the page is still FILLING, and {@link Lane#failure} says why
   */
  boolean fillAlone(Region region, long page, int state, Lane lane) {
    if (!read(region, page, 1, lane)) {
      return false;
    }
    boolean write = PageState.isWritable(state);
    if (placement.copy(region, page, 1, lane.buffer.address(), write, lane) == 0) {
      lane.failure = notPlaced(lane);
      return false;
    }
    placement.settle(region, page, 1, state);
    return true;
  }

  private static IOException notPlaced(Lane lane) {
    String why =
        lane.errno == Errno.ENOMEM
            ? "its memory is exhausted"
            : "it returned " + Errno.name(lane.errno);
    return new IOException("the kernel cannot place the page: " + why);
  }

  private static int resident(boolean write) {
    return write ? PageState.DIRTY : PageState.CLEAN;
  }

  /** Takes absent pages with frames, in a direction, until one is not absent. */
  private int take(Region region, long from, int direction, int wanted) {
    long left = direction > 0 ? region.pages - from : from + 1;
    int frames = left <= 0 ? 0 : reserve(region, (int) Math.min(wanted, left));
    int taken = region.states.takeRun(from, frames, direction);
    pager.frames().release(region.share, frames - taken);
    return taken;
  }

  /** Reserves frames; waits a little for at least half of them, since large reads are cheaper. */
  private int reserve(Region region, int wanted) {
    int reserved = 0;
    for (int round = 0; round < PATIENCE; round++) {
      long seen = pager.frames().releases();
      int spare = Math.min(wanted - reserved, pager.frames().spare(region.share));
      reserved += pager.frames().reserveUpTo(region.share, spare);
      if (reserved >= wanted / 2) {
        break;
      }
      pager.frames().await(region.share, seen, round);
    }
    return reserved;
  }

  /** Makes pages absent that were taken, except one, and lets waiters fault again. */
  private void giveBack(Region region, long first, int count, long except) {
    int frames = 0;
    for (long page = first; page < first + count; page++) {
      if (page != except) {
        region.states.setAbsent(page, 0);
        frames++;
      }
    }
    if (count > 0) {
      placement.wake(region, first, count);
    }
    pager.frames().release(region.share, frames);
  }

  /** Reads into the lane's buffer; what the store does not have is zeros. */
  private boolean read(Region region, long first, int count, Lane lane) {
    long length = pager.bytes(count);
    lane.call.begin(region, PagingError.Kind.READ, first, count);
    try {
      long got = region.store.read(region.offset(first), lane.buffer, 0, length);
      long valid = Math.min(got, region.bytes(first, count));
      if (valid < 0) {
        throw new IOException("the store returned " + got + " bytes");
      }
      clear(lane.buffer, valid, length);
      pager.count(Counter.FILLS, 1);
      pager.count(Counter.PAGES_READ, count);
      return true;
    } catch (IOException e) {
      lane.failure = e;
      return false;
    } catch (RuntimeException | Error e) { // a thread of the pager must not end by it
      lane.failure = new IOException("the store failed: " + e, e);
      return false;
    } finally {
      lane.call.end();
    }
  }

  private static void clear(MemorySegment buffer, long from, long to) {
    if (from < to) {
      buffer.asSlice(from, to - from).fill((byte) 0);
    }
  }

  /**
   * Lets the pages before one leave first, since a stream that will not return has arrived there.
   *
   * @param direction of the stream, 0 if there is none
   */
  void notePassed(Region region, long page, int direction) {
    if (region.advice != AccessAdvice.SEQUENTIAL || direction == 0) {
      return;
    }
    long first = direction > 0 ? Math.max(0, page - pager.maxWindow()) : page + 1;
    long end = direction > 0 ? page : Math.min(region.pages, first + pager.maxWindow());
    if (first < end) {
      region.share.queue().pass(region, first, (int) (end - first));
    }
  }

  // Reading ahead

  /**
   * Fills the next window of a stream, but holds back its first page: its fault says that the
   * application has arrived there.
   */
  void readAhead(Region region, int stream, boolean write, Lane lane) {
    if (stream >= StreamTable.STREAMS || pager.frames().spare(region.share) < pager.maxWindow()) {
      return;
    }
    long plan = pager.reads().beginAhead(stream, region.index, LEAST_AHEAD);
    if (plan == StreamTable.NONE) {
      return;
    }
    long edge = pager.reads().edge(stream);
    int direction = StreamTable.direction(plan);
    boolean inside = edge >= 0 && edge < region.pages;
    int taken = inside ? take(region, edge, direction, window(plan)) : 0;
    long first = direction > 0 ? edge : edge - taken + 1;
    if (taken < 2 || !read(region, first, taken, lane)) {
      pager.reads().cancel(stream);
      giveBack(region, first, taken, StreamTable.NONE);
      return;
    }
    pager.count(Counter.PAGES_AHEAD, taken);
    placeAhead(region, stream, edge, first, taken, write, lane);
  }

  private void placeAhead(
      Region region, int stream, long edge, long first, int taken, boolean write, Lane lane) {
    boolean forward = edge == first;
    long rest = forward ? first + 1 : first;
    long at = lane.buffer.address();
    long source = forward ? at + pager.pageBytes() : at;
    int placed = placement.copy(region, rest, taken - 1, source, write, lane);
    placement.settle(region, rest, placed, resident(write));
    pager.enqueue(region, rest, placed, false);
    if (placed < taken - 1) {
      pager.reads().cancel(stream);
      giveBack(region, rest + placed, taken - 1 - placed, StreamTable.NONE);
      giveBack(region, edge, 1, StreamTable.NONE);
      return;
    }
    pager.reads().filled(stream, region.index, first, taken);
    long held = pager.bytes(forward ? 0 : taken - 1);
    MemorySegment.copy(lane.buffer, held, pager.held(), pager.bytes(stream), pager.pageBytes());
    pager.reads().hold(stream, edge);
    if (!region.states.change(edge, PageState.FILLING, PageState.AHEAD)) {
      pager.reads().take(region.index, edge); // a thread waits for it already
      if (!placeHeld(region, edge, stream, write, lane)) {
        giveBack(region, edge, 1, StreamTable.NONE);
      }
      notePassed(region, edge, forward ? 1 : -1);
    }
  }

  /**
   * Places a page that was held back and that the caller has taken (FILLING).
   *
   * @return false if it failed: the page is still FILLING
   */
  boolean placeHeld(Region region, long page, int stream, boolean write, Lane lane) {
    long source = pager.held().address() + pager.bytes(stream);
    int placed = placement.copy(region, page, 1, source, write, lane);
    pager.reads().cancel(stream);
    if (placed == 0) {
      lane.failure = notPlaced(lane);
      return false;
    }
    placement.settle(region, page, 1, resident(write));
    pager.enqueue(region, page, 1, false);
    return true;
  }
}
