package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.StreamTable;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.ProtectMode;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** Does what the state of a page requires until an access to it can continue. Thread-safe. */
final class FaultService {
  static final long RETRY_NANOS = 10_000_000;
  private static final String NO_ROOM =
      "no page can leave the buffer: all are pinned or locked, or the store refuses writes";

  /** The result of an attempt to bring a page back. */
  private enum Outcome {
    DONE,
    /** The page has changed its state, or there is no frame: look again. */
    AGAIN,
    /** {@link Lane#failure} says why, and the page is FILLING. */
    FAILED
  }

  private final PagerContext pager;
  private final Placement placement;
  private final PageFills fills;
  private final StagedRescue rescue;
  private final WriteFaults writeFaults;
  private final RefusedStores refusedStores;

  FaultService(PagerContext pager, Placement placement) {
    this.pager = pager;
    this.placement = placement;
    this.fills = new PageFills(pager, placement);
    this.rescue = new StagedRescue(pager, placement);
    this.writeFaults = new WriteFaults(pager, placement);
    this.refusedStores = new RefusedStores(pager, placement);
  }

  /**
   * Serves a fault of a native thread. When it returns, the thread is awake, or the thread that
   * fills the page will wake it.
   *
   * @param isStore whether the access is a store
   * @param isProtected whether the page was there, but write-protected
   */
  void serve(Region region, long page, boolean isStore, boolean isProtected, Lane lane) {
    if (isProtected && !region.writable) {
      refusedStores.refuse(region, page, lane);
      return;
    }
    boolean write = isStore && region.writable; // a store to it will fault again
    for (int round = 0; region.lost() == null; round++) {
      if (region.isClosing()) {
        return; // its threads are woken once no page is left, and then fail
      }
      long seen = pager.frames().releases();
      int state = region.states.state(page);
      boolean served =
          isProtected
              ? serveProtected(region, page, state, lane)
              : serveMissing(region, page, state, lane);
      if (served) {
        return;
      }
      switch (bringBack(region, page, state, write, lane)) {
        case DONE -> {
          fills.readAhead(region, lane.stream, write, lane);
          return;
        }
        case FAILED -> {
          poison(region, page, lane);
          return;
        }
        case AGAIN -> await(region, state, seen, round);
      }
    }
    if (isProtected) { // it is in memory: a store changes that, which is all that is left
      placement.protect(region, page, 1, ProtectMode.UNPROTECT, lane);
    }
    boolean _ = placement.poison(region.space, region.address(page), lane);
  }

  private boolean serveProtected(Region region, long page, int state, Lane lane) {
    if (PageState.isWritable(state) && region.backing.isMapped(region, page)) {
      placement.wake(region, page, 1); // another thread's fault was served first
      return true;
    }
    return PageState.isResident(state) && writeFaults.makeWritable(region, page, lane);
  }

  private boolean serveMissing(Region region, long page, int state, Lane lane) {
    if (state == PageState.FILLING) {
      return region.states.change(page, PageState.FILLING, PageState.WANTED);
    }
    if (state == PageState.POISONED) {
      return poisonAgain(region, page, lane);
    }
    if (PageState.isResident(state) && region.backing.isMapped(region, page)) {
      placement.wake(region, page, 1); // it was filled after this fault was read
      return true;
    }
    return state == PageState.WANTED; // the thread that fills it wakes all
  }

  /** Owns the page meanwhile: its error may be cleared at the same time. */
  private boolean poisonAgain(Region region, long page, Lane lane) {
    if (!region.states.change(page, PageState.POISONED, PageState.CHANGING)) {
      return false;
    }
    boolean poisoned = placement.poisonAbsent(region, page, lane);
    region.states.settle(page, PageState.POISONED);
    if (!poisoned) { // the thread is awake, and faults again at once
      LockSupport.parkNanos(this, RETRY_NANOS);
    }
    return true;
  }

  /**
   * Makes a page resident for Java code, which must not fault itself.
   *
   * @param write whether it must be writable
   * @throws MemoryErrorException if the page is poisoned
   * @throws PagingException if the store fails now; a later call tries again
   */
  void ensure(Region region, long page, boolean write, Lane lane) {
    for (int round = 0; ; round++) {
      long seen = pager.frames().releases();
      int state = region.states.state(page);
      if (write ? PageState.isWritable(state) : PageState.isResident(state)) {
        return;
      }
      requireUsable(region, page, state);
      if (PageState.isResident(state)) {
        if (!writeFaults.makeWritable(region, page, lane)) {
          pager.pause().round(round);
        }
        continue;
      }
      if (state == PageState.FILLING) {
        region.states.change(page, PageState.FILLING, PageState.WANTED);
      }
      switch (bringBack(region, page, state, write, lane)) {
        case DONE -> fills.readAhead(region, lane.stream, write, lane);
        case FAILED -> throw giveUp(region, page, lane);
        case AGAIN -> await(region, state, seen, round);
      }
    }
  }

  private static void requireUsable(Region region, long page, int state) {
    String lost = region.lost();
    if (lost != null) {
      throw new PagingException(region + " was " + lost);
    }
    if (state == PageState.POISONED) {
      throw new MemoryErrorException(
          region.address(page),
          "page " + page + " of " + region + " could not be read from its store");
    }
  }

  private Outcome bringBack(Region region, long page, int state, boolean write, Lane lane) {
    lane.stream = StreamTable.STREAMS;
    return switch (state) {
      case PageState.ABSENT -> fillAbsent(region, page, write, lane);
      case PageState.STAGED, PageState.WRITING -> done(rescue.bringBack(region, page, state, lane));
      case PageState.AHEAD -> placeHeld(region, page, write, lane);
      case PageState.CLEAN,
          PageState.DIRTY,
          PageState.LOGGED,
          PageState.FLUSHING,
          PageState.FLUSHING_DIRTY ->
          revealOrRefill(region, page, state, write, lane);
      default -> Outcome.AGAIN;
    };
  }

  private static Outcome done(boolean done) {
    return done ? Outcome.DONE : Outcome.AGAIN;
  }

  private Outcome fillAbsent(Region region, long page, boolean write, Lane lane) {
    boolean reserved = pager.frames().reserve(region.share);
    if (!reserved && !pager.frames().isExhausted(region.share)) {
      return Outcome.AGAIN;
    }
    int ghost = region.states.take(page);
    if (ghost < 0) {
      pager.frames().release(region.share, reserved ? 1 : 0);
      return Outcome.AGAIN;
    }
    lane.frames = reserved ? 1 : 0;
    if (!reserved) {
      lane.failure = new IOException(NO_ROOM);
      return Outcome.FAILED;
    }
    return fill(region, page, ghost, write, lane);
  }

  private Outcome fill(Region region, long page, int ghost, boolean write, Lane lane) {
    return fills.fill(region, page, ghost, write, lane) ? Outcome.DONE : Outcome.FAILED;
  }

  private Outcome placeHeld(Region region, long page, boolean write, Lane lane) {
    if (!region.states.change(page, PageState.AHEAD, PageState.FILLING)) {
      return Outcome.AGAIN;
    }
    pager.count(Counter.AHEAD_HITS, 1);
    lane.frames = 1;
    int stream = pager.reads().take(region.index, page);
    if (!fills.placeHeld(region, page, stream, write, lane)) {
      return Outcome.FAILED;
    }
    lane.stream = stream;
    fills.notePassed(region, page, pager.reads().direction(stream));
    return Outcome.DONE;
  }

  /**
   * A page that has faulted although it should be there: it is not mapped, or the application has
   * dropped it (MADV_DONTNEED), with all that was written since it last was in the store.
   */
  private Outcome revealOrRefill(Region region, long page, int state, boolean write, Lane lane) {
    if (!region.states.change(page, state, PageState.CHANGING)) {
      return Outcome.AGAIN;
    }
    boolean isFlushed = state == PageState.FLUSHING || state == PageState.FLUSHING_DIRTY;
    int writable = isFlushed ? PageState.FLUSHING_DIRTY : PageState.DIRTY;
    Backing.Reveal revealed = region.backing.reveal(region, page, state, lane);
    if (revealed != Backing.Reveal.VANISHED) {
      region.states.settle(page, revealed == Backing.Reveal.WRITABLE ? writable : state);
      return done(revealed != Backing.Reveal.REFUSED);
    }
    pager.count(Counter.VANISHED, 1);
    region.noteChanged(page, 1);
    region.states.settle(page, PageState.FILLING);
    pager.awaitOlderWrite(region, page, 1);
    lane.frames = 1;
    if (isFlushed) { // its flush, which may wait for this fault, must find it so
      return fills.fillAlone(region, page, writable, lane) ? Outcome.DONE : Outcome.FAILED;
    }
    return fill(region, page, 0, write, lane);
  }

  /** Lets an access to an address that cannot be served fail, instead of waiting for ever. */
  void refuse(WatchedSpace space, long address, Lane lane) {
    boolean _ = placement.poison(space, address, lane);
  }

  private void await(Region region, int state, long seen, int round) {
    if (state == PageState.ABSENT || state == PageState.WRITING) {
      pager.frames().await(region.share, seen, round);
    } else {
      pager.pause().round(round);
    }
  }

  /** Turns a failed fill into a memory error for all native threads that wait for the page. */
  private void poison(Region region, long page, Lane lane) {
    String why = takeFailure(lane);
    if (placement.poisonAbsent(region, page, lane)) {
      region.states.settle(page, PageState.POISONED);
    } else { // the kernel cannot poison: the store is asked again, but not all the time
      LockSupport.parkNanos(this, RETRY_NANOS);
      region.states.setAbsent(page, 0);
      placement.wake(region, page, 1);
    }
    pager.frames().release(region.share, lane.frames);
    PagingError.Kind kind = why.equals(NO_ROOM) ? PagingError.Kind.MEMORY : PagingError.Kind.READ;
    pager.report(region, kind, page, 1, "page " + page + " of " + region + ": " + why);
  }

  private PagingException giveUp(Region region, long page, Lane lane) {
    IOException cause = lane.failure;
    String why = takeFailure(lane);
    region.states.setAbsent(page, 0);
    placement.wake(region, page, 1); // native threads try for themselves
    pager.frames().release(region.share, lane.frames);
    pager.count(Counter.ERRORS, 1);
    String what = "page " + page + " of " + region + " cannot be read: " + why;
    return cause == null ? new PagingException(what) : new PagingException(what, cause);
  }

  private static String takeFailure(Lane lane) {
    IOException failure = lane.failure;
    lane.failure = null;
    return failure == null ? "unknown" : String.valueOf(failure.getMessage());
  }
}
