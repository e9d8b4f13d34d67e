package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.SystemCallException;

/**
 * Asks the page table of a running process which pages are there already: they need not be fetched.
 *
 * <p>The process may change its memory meanwhile, so that other memory is at an address than the
 * one that is known here. Such a change stays under way until its event is read, and then the
 * kernel refuses every fill ({@code mmap_changing} in {@code fs/userfaultfd.c}). So what was found
 * is used only if, afterwards, none is under way and no event was read in between.
 *
 * <p>Confined to the session's event loop.
 */
final class PresentPages {
  private static final int ATTEMPTS = 20;
  private static final int REGIONS = 512;

  private final SpaceState state;
  private final SpaceEvents events;

  PresentPages(SpaceState state, SpaceEvents events) {
    this.state = state;
    this.events = events;
  }

  /**
   * Looks for them.
   *
   * @return false if nothing was found out: the process changes its memory all the time, or the
   *     kernel cannot tell
   */
  boolean find(Pagemap pagemap) {
    try {
      for (int i = 0; i < ATTEMPTS; i++) {
        boolean _ = events.read();
        PageBitmap present = scan(pagemap);
        if (!isChanging()) {
          state.missing.clear(present);
          return true;
        }
      }
    } catch (SystemCallException e) {
      // before Linux 6.7, or the process has ended
    }
    return false;
  }

  private PageBitmap scan(Pagemap pagemap) {
    PageBitmap present = new PageBitmap(state.layout.pageCount());
    PageRegions regions = new PageRegions(REGIONS);
    for (long at = state.map.nextAddress(0); at != Long.MAX_VALUE; ) {
      long first = state.map.pageAt(at);
      long end = at + state.map.runLength(first) * PAGE_BYTES;
      for (long from = at; from < end; from = regions.walkEnd()) {
        int found = pagemap.scan(from, end, PagemapQuery.PRESENT_OR_SWAPPED, regions);
        for (int i = 0; i < found; i++) {
          present.set(
              first + (regions.start(i) - at) / PAGE_BYTES,
              first + (regions.end(i) - at) / PAGE_BYTES);
        }
      }
      at = state.map.nextAddress(end);
    }
    return present;
  }

  /** A fill of nothing: the kernel first looks whether a change is under way. */
  private boolean isChanging() {
    try {
      long result = state.userfaultfd.copy(0, 0, 0, FillMode.WAKE);
      return FillResult.errno(result) == Errno.EAGAIN;
    } catch (SystemCallException e) {
      if (e.errno() == Errno.EINVAL) {
        return false;
      }
      throw e;
    }
  }
}
