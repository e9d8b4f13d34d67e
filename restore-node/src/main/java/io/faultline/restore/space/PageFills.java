package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;

/**
 * Places pages of the dump wherever they are missing, in runs as long as possible, and wakes the
 * threads that wait for them.
 *
 * <p>Confined to the session's event loop.
 */
final class PageFills {
  private final SpaceState state;
  private final SpaceEvents events;

  /** Pages per call, at most: fewer after a run that crosses the border of a mapping. */
  private long limit;

  PageFills(SpaceState state, SpaceEvents events) {
    this.state = state;
    this.events = events;
  }

  /** What is to be done after a call. */
  private enum Next {
    /** Looks for the next missing page, which may be the same one. */
    CONTINUE,
    /** Leaves a page missing: it is asked for again later. */
    SKIP,
    /** Stops: nothing can be placed now. */
    LATER
  }

  /** See {@link Space#place}. */
  boolean place(long first, long count, long data, boolean patient) {
    long end = first + count;
    limit = count;
    long page = state.missing.nextSet(first, end);
    while (page < end && !state.gone) {
      long run = Math.min(state.missing.nextClear(page, end) - page, state.map.runLength(page));
      run = Math.min(run, limit);
      long source = data == Space.ZEROS ? data : data + (page - first) * PAGE_BYTES;
      long result = fill(page, run, source);
      long done = FillResult.bytesDone(result) / PAGE_BYTES;
      if (done > 0) {
        placed(page, done, source);
      }
      switch (next(page, run, done, FillResult.errno(result), patient)) {
        case CONTINUE -> limit = FillResult.isComplete(result) ? count : limit;
        case SKIP -> page++;
        case LATER -> {
          return false;
        }
      }
      page = state.missing.nextSet(page, end);
    }
    return true;
  }

  private long fill(long page, long run, long source) {
    long address = state.map.addressOf(page);
    return source == Space.ZEROS
        ? ZeroPages.fill(state.userfaultfd, address, run * PAGE_BYTES)
        : state.userfaultfd.copy(address, source, run * PAGE_BYTES, FillMode.WAKE);
  }

  private void placed(long page, long count, long source) {
    state.counters.placedPages += count;
    if (source == Space.ZEROS) {
      state.counters.placedZeroPages += count;
    }
    state.placed(page, count);
  }

  private Next next(long page, long run, long done, int errno, boolean patient) {
    switch (errno) {
      case 0 -> {}
      case Errno.EEXIST -> alreadyThere(page + done);
      case Errno.ESRCH -> state.end();
      case Errno.ENOENT -> {
        return notMapped(page, run, patient);
      }
      default -> {
        return canContinue(done) ? Next.CONTINUE : Next.LATER;
      }
    }
    return Next.CONTINUE;
  }

  private boolean canContinue(long done) {
    return done > 0 || events.read();
  }

  /** The run crosses the border of a mapping, or its first page is not mapped. */
  private Next notMapped(long page, long run, boolean patient) {
    if (run > 1) {
      limit = run / 2;
      return Next.CONTINUE;
    }
    if (!state.registered) {
      return Next.SKIP;
    }
    if (events.read()) {
      return Next.CONTINUE;
    }
    if (patient) {
      return Next.LATER;
    }
    state.counters.unmappedPages++;
    state.drop(page, 1);
    state.unsettled = true; // a thread may wait there
    return Next.CONTINUE;
  }

  /** EEXIST does not wake the threads that wait. */
  private void alreadyThere(long page) {
    state.counters.alreadyPresent++;
    long address = state.map.addressOf(page);
    state.placed(page, 1);
    state.wake(address, PAGE_BYTES);
  }
}
