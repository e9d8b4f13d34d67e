package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.Userfaultfd;
import java.util.concurrent.TimeUnit;

/**
 * Puts missing pages in place with UFFDIO_COPY and UFFDIO_ZEROPAGE, which wakes whoever waits for
 * them. Keeps no state: a page that is there already is a normal answer.
 *
 * <p>Thread-safe.
 */
final class PagePlacer {
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Userfaultfd userfaultfd;
  private final Pagemap pagemap;
  private final IncomingCounters counters;

  PagePlacer(Userfaultfd userfaultfd, Pagemap pagemap, IncomingCounters counters) {
    this.userfaultfd = userfaultfd;
    this.pagemap = pagemap;
    this.counters = counters;
  }

  /** Places a run of pages from a native address that holds their contents. */
  void place(MemoryRegion region, long firstPage, long count, long source) {
    fill(region, firstPage, count, source);
  }

  /** Places a run of zero pages; {@code zeros} is a page of them, for memory that needs a copy. */
  void placeZeros(MemoryRegion region, long firstPage, long count, long zeros) {
    if (!region.backing().pageSize().isHuge()) {
      fill(region, firstPage, count, 0);
      return;
    }
    for (long page = firstPage; page < firstPage + count; page++) {
      fill(region, page, 1, zeros);
    }
  }

  /** Fills from {@code source}, or with zeros where that is 0. */
  private void fill(MemoryRegion region, long firstPage, long count, long source) {
    long address = region.guest().address(firstPage * region.pageBytes());
    long length = count * region.pageBytes();
    long done = 0;
    long since = 0;
    while (done < length) {
      long result =
          source == 0
              ? userfaultfd.zeroPage(address + done, length - done, FillMode.WAKE)
              : userfaultfd.copy(address + done, source + done, length - done, FillMode.WAKE);
      long progress = FillResult.bytesDone(result);
      switch (FillResult.errno(result)) {
        case 0 -> {}
        case Errno.EEXIST -> progress = skipPresent(region, address + done);
        case Errno.EAGAIN -> since = waitWhileStuck(progress, since, address + done);
        default ->
            throw new PlacementException(
                "the kernel did not take the page at 0x"
                    + Long.toHexString(address + done)
                    + ": "
                    + FillResult.describe(result));
      }
      done += progress;
    }
  }

  /**
   * A page is there before us: the other thread was faster. On hugetlb the same answer may mean
   * that the pool is exhausted, and the page is not there: going on would leave its vCPU asleep.
   */
  private long skipPresent(MemoryRegion region, long address) {
    if (region.backing().pageSize().isHuge() && !pagemap.isPresent(address)) {
      throw new PlacementException(
          "the pool of huge pages is exhausted: there is no page for 0x"
              + Long.toHexString(address)
              + "; enlarge it (see doctor)");
    }
    counters.alreadyPresent.increment();
    return region.pageBytes();
  }

  /** EAGAIN without progress means that the address space is changing: it must come to an end. */
  private static long waitWhileStuck(long progress, long since, long address) {
    if (progress > 0) {
      return 0;
    }
    long now = System.nanoTime();
    if (since != 0 && now - since > STUCK_NANOS) {
      throw new PlacementException(
          "the kernel answers EAGAIN for 0x" + Long.toHexString(address) + " and does not stop");
    }
    Thread.onSpinWait();
    return since == 0 ? now : since;
  }
}
