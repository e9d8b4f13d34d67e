package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FillResult;

/**
 * Resolves faults on memory that is not of the dump, or not any more: it reads as zeros. A process
 * that uses memory which it has dropped (REMOVE), or its growing heap, faults on each page in turn,
 * so some pages after the first are filled with it, and more each time a fault follows the last
 * run.
 *
 * <p>UFFDIO_UNREGISTER would end the faults on dropped memory, but nothing protects it from a
 * change that is under way: while a thread moves missing pages there, the kernel refuses a fill
 * with EAGAIN, but it would unregister them, and they would read as zeros.
 *
 * <p>Confined to the session's event loop.
 */
final class ZeroFills {
  /** As many pages as the kernel maps around a fault on a file (fault_around_bytes). */
  static final int LEAST_PAGES = 16;

  /** A page table: 2 MiB, some 20 microseconds of the kernel's time. */
  static final int MOST_PAGES = 512;

  private final SpaceState state;

  /** The end of the last run: a fault there follows it. */
  private long end;

  private int pages = LEAST_PAGES;

  ZeroFills(SpaceState state) {
    this.state = state;
  }

  /** Resolves a fault on a page of zeros. If it cannot be now, the space is unsettled. */
  void fill(long address) {
    pages = address == end ? Math.min(MOST_PAGES, 2 * pages) : LEAST_PAGES;
    end = state.firstMissing(address + PAGE_BYTES, address + (long) pages * PAGE_BYTES);
    long result = ZeroPages.fill(state.userfaultfd, address, end - address);
    while (FillResult.errno(result) == Errno.ENOENT && end > address + PAGE_BYTES) {
      pages = (int) ((end - address) / PAGE_BYTES / 2); // a mapping ends in between
      end = address + (long) pages * PAGE_BYTES;
      result = ZeroPages.fill(state.userfaultfd, address, end - address);
    }
    long done = FillResult.bytesDone(result);
    if (done > 0) {
      state.counters.zeroPages += done / PAGE_BYTES;
      state.waiting.removeIn(address, address + done);
    } else {
      refused(address, FillResult.errno(result));
    }
  }

  private void refused(long address, int errno) {
    switch (errno) {
      case Errno.EAGAIN, Errno.ENOMEM -> state.unsettled = true;
      case Errno.ESRCH -> state.end();
      default -> { // there already, or not mapped any more
        state.wake(address, PAGE_BYTES);
        state.waiting.removeIn(address, address + PAGE_BYTES);
      }
    }
  }
}
