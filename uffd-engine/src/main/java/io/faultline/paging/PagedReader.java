package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.uffd.MemoryErrorException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Copies pages of a region out without bringing them into memory, for a reader that needs each page
 * once, such as a migration: nothing is evicted for it. A page in memory is copied there, a staged
 * one from the staging memory, and all others are read from the store. No page changes its place in
 * the order of eviction.
 *
 * <p>A page that is read from the store is owned meanwhile: an access to it waits for that read.
 *
 * <p>Confined to one thread at a time.
 */
public final class PagedReader {
  private final PagerContext pager;
  private final Region region;
  private final Placement placement;
  private final byte[] ghosts;
  private long pagesFromStore;

  PagedReader(PagerContext pager, Region region, Placement placement) {
    this.pager = pager;
    this.region = region;
    this.placement = placement;
    this.ghosts = new byte[pager.maxWindow()];
  }

  /** The number of pages that were read from the store so far. */
  public long pagesFromStore() {
    return pagesFromStore;
  }

  /**
   * Copies whole pages as they are now; beyond the end of the region they are zeros. Those that
   * other threads store to at the same time may be torn. A discard of the same pages at the same
   * time may find them pinned.
   *
   * @param to native memory, aligned to the page size at {@code toOffset}
   * @throws PagingException if the store fails, or the region is lost
   * @throws MemoryErrorException if a page is poisoned
   */
  public void read(long offset, MemorySegment to, long toOffset, long lengthBytes) {
    long inPage = pager.pageBytes() - 1L;
    boolean inside =
        offset >= 0 && lengthBytes >= 0 && offset <= region.mappedBytes() - lengthBytes;
    if (!inside || ((offset | lengthBytes) & inPage) != 0) {
      throw new IndexOutOfBoundsException(
          lengthBytes + " bytes at offset " + offset + " are no whole pages of " + region);
    }
    long first = region.page(region.address + offset);
    long end = first + lengthBytes / pager.pageBytes();
    for (long page = first; page < end; ) {
      page += readSome(page, end, to, toOffset + pager.bytes(page - first));
    }
  }

  /** Copies the first pages of a range; returns their number. */
  private int readSome(long page, long end, MemorySegment to, long toOffset) {
    int most = (int) Math.min(end - page, pager.maxWindow());
    for (int round = 0; ; round++) {
      int done = attempt(page, most, to, toOffset);
      if (done > 0) {
        return done;
      }
      pager.pause().round(round);
    }
  }

  /** The number of pages copied; 0 if the first one is in flux. */
  private int attempt(long page, int most, MemorySegment to, long toOffset) {
    String lost = region.lost();
    if (lost != null) {
      throw new PagingException(region + " was " + lost);
    }
    int state = region.states.state(page);
    return switch (state) {
      case PageState.ABSENT -> readAbsent(page, most, to, toOffset);
      case PageState.STAGED, PageState.WRITING -> readStaged(page, state, to, toOffset);
      case PageState.AHEAD -> dropAhead(page);
      case PageState.POISONED ->
          throw new MemoryErrorException(
              region.address(page),
              "page " + page + " of " + region + " could not be read from its store");
      default -> PageState.isResident(state) ? readResident(page, most, to, toOffset) : 0;
    };
  }

  private int readResident(long page, int most, MemorySegment to, long toOffset) {
    int pinned = 0;
    while (pinned < most && region.states.pin(page + pinned, false)) {
      pinned++;
    }
    if (pinned == 0) {
      return 0;
    }
    try {
      region.backing.read(region, page, pinned, to.asSlice(toOffset, pager.bytes(pinned)));
    } catch (IOException e) {
      throw cannotRead(page, e);
    } finally {
      for (int i = 0; i < pinned; i++) {
        region.unpin(page + i);
      }
    }
    return pinned;
  }

  private int readStaged(long page, int state, MemorySegment to, long toOffset) {
    if (!region.states.change(page, state, PageState.FILLING)) {
      return 0;
    }
    int slot = pager.staging().find(region.index, page);
    long at = region.backing.stagedOffset(region, page, slot);
    MemorySegment.copy(region.backing.staged(), at, to, toOffset, pager.pageBytes());
    region.states.settle(page, state);
    placement.wake(region, page, 1);
    return 1;
  }

  /** A page that was read ahead has a copy of what the store has, and no use here. */
  private int dropAhead(long page) {
    if (region.states.change(page, PageState.AHEAD, PageState.FILLING)) {
      pager.reads().cancel(pager.reads().take(region.index, page));
      region.states.setAbsent(page, 0);
      placement.wake(region, page, 1);
      pager.frames().release(region.share, 1);
    }
    return 0;
  }

  private int readAbsent(long page, int most, MemorySegment to, long toOffset) {
    int taken = 0;
    while (taken < most) {
      int ghost = region.states.take(page + taken);
      if (ghost < 0) {
        break;
      }
      ghosts[taken++] = (byte) ghost;
    }
    if (taken == 0) {
      return 0;
    }
    try {
      readStore(page, taken, to, toOffset);
    } finally {
      giveBack(page, taken);
    }
    pagesFromStore += taken;
    return taken;
  }

  private void readStore(long page, int count, MemorySegment to, long toOffset) {
    long length = pager.bytes(count);
    try {
      long got = region.store.read(region.offset(page), to, toOffset, length);
      long valid = Math.min(got, region.bytes(page, count));
      if (valid < 0) {
        throw new IOException("the store returned " + got + " bytes");
      }
      if (valid < length) {
        to.asSlice(toOffset + valid, length - valid).fill((byte) 0);
      }
    } catch (IOException | RuntimeException e) {
      throw cannotRead(page, e);
    }
  }

  private PagingException cannotRead(long page, Exception cause) {
    return new PagingException(
        "page " + page + " of " + region + " cannot be read: " + cause.getMessage(), cause);
  }

  private void giveBack(long page, int count) {
    for (int i = 0; i < count; i++) {
      if (region.states.leaveAbsent(page + i, ghosts[i])) {
        placement.wake(region, page + i, 1);
      }
    }
  }
}
