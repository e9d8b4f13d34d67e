package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.Userfaultfd;
import java.util.concurrent.TimeUnit;

/**
 * Places pages with the fill ioctls of userfaultfd, which also wake the waiting vCPUs. Keeps no
 * state: that a page is already present is a normal result. Offsets and lengths are in bytes, in
 * whole pages of the region.
 *
 * <p>Thread-safe.
 */
final class PagePlacer {
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Kernel kernel;
  private final Userfaultfd userfaultfd;
  private final Pagemap pagemap;
  private final IncomingCounters counters;

  private enum Call {
    COPY,
    ZERO,
    CONTINUE
  }

  PagePlacer(Kernel kernel, Userfaultfd userfaultfd, Pagemap pagemap, IncomingCounters counters) {
    this.kernel = kernel;
    this.userfaultfd = userfaultfd;
    this.pagemap = pagemap;
    this.counters = counters;
  }

  /**
   * Copies pages into place.
   *
   * @param source native address of their contents
   * @param overwrite whether to overwrite pages that are present; only while no guest runs
   */
  void place(MemoryRegion region, long offset, long bytes, long source, boolean overwrite) {
    fill(Call.COPY, region, offset, bytes, source, overwrite);
  }

  /**
   * Places zero pages.
   *
   * @param zeros native address of a page of zeros, used for huge pages, which must be copied
   */
  void placeZeros(MemoryRegion region, long offset, long bytes, long zeros, boolean overwrite) {
    if (!region.backing().pageSize().isHuge()) {
      fill(Call.ZERO, region, offset, bytes, 0, overwrite);
      return;
    }
    long page = region.pageBytes();
    for (long done = 0; done < bytes; done += page) {
      fill(Call.COPY, region, offset + done, page, zeros, overwrite);
    }
  }

  /** Maps the contents of the transfer mapping for the guest; a hole there becomes zeros. */
  void map(MemoryRegion region, long offset, long bytes) {
    fill(Call.CONTINUE, region, offset, bytes, 0, false);
  }

  /** Whether all pages of the backing that contain part of a run are present. */
  boolean arePresent(MemoryRegion region, long firstPage, long count) {
    long first = firstPage / region.basePagesPerPage();
    long last = (firstPage + count - 1) / region.basePagesPerPage();
    for (long page = first; page <= last; page++) {
      if (!pagemap.isPresent(region.guest().address(page * region.pageBytes()))) {
        return false;
      }
    }
    return true;
  }

  private void fill(
      Call call, MemoryRegion region, long offset, long bytes, long source, boolean overwrite) {
    long done = 0;
    long since = 0;
    while (done < bytes) {
      long address = region.guest().address(offset + done);
      long result = call(call, address, bytes - done, source + done);
      long progress = FillResult.bytesDone(result);
      switch (FillResult.errno(result)) {
        case 0 -> {}
        case Errno.EEXIST -> {
          requirePresent(call, region, address);
          if (overwrite) {
            overwrite(call, region, offset + done, source + done);
          } else if (call != Call.CONTINUE) {
            counters.alreadyPresent.add(region.basePagesPerPage());
          }
          progress = region.pageBytes();
        }
        case Errno.EFAULT -> {
          progress = fillHole(region, offset + done);
          since = waitWhileStuck(progress, since, address);
        }
        case Errno.EAGAIN -> since = waitWhileStuck(progress, since, address);
        default ->
            throw new PlacementException(
                "the kernel refused the page at 0x"
                    + Long.toHexString(address)
                    + ": "
                    + FillResult.describe(result));
      }
      done += progress;
    }
  }

  private long call(Call call, long address, long bytes, long source) {
    return switch (call) {
      case COPY -> userfaultfd.copy(address, source, bytes, FillMode.WAKE);
      case ZERO -> userfaultfd.zeroPage(address, bytes, FillMode.WAKE);
      case CONTINUE -> userfaultfd.continueFault(address, bytes, FillMode.WAKE);
    };
  }

  /**
   * EEXIST: the page is already present, because the other thread was faster. On hugetlb the same
   * answer to a copy can mean that the pool is exhausted and the page is not present: continuing
   * would leave its vCPU asleep.
   */
  private void requirePresent(Call call, MemoryRegion region, long address) {
    boolean ambiguous = call == Call.COPY && region.backing().pageSize().isHuge();
    if (ambiguous && !pagemap.isPresent(address)) {
      throw new PlacementException(
          "the pool of huge pages is exhausted: there is no page for 0x"
              + Long.toHexString(address)
              + "; enlarge it (see doctor)");
    }
  }

  private static void overwrite(Call call, MemoryRegion region, long offset, long source) {
    long to = region.guest().dataAddress(offset);
    if (call == Call.ZERO) {
      NativeCopy.clear(to, region.pageBytes());
    } else {
      NativeCopy.copy(source, to, region.pageBytes());
    }
  }

  /**
   * EFAULT: the memory file has a hole here, because a page that was always zero is never sent.
   * Returns how many bytes have been placed; 0 if the page is only in the file so far.
   */
  private long fillHole(MemoryRegion region, long offset) {
    if (region.backing().pageSize().isHuge()) {
      kernel.advise(region.transfer().address(offset), region.pageBytes(), Advice.POPULATE_WRITE);
      return 0;
    }
    return FillResult.bytesDone(
        userfaultfd.zeroPage(region.guest().address(offset), region.pageBytes(), FillMode.WAKE));
  }

  /** No progress means that the mapping is changing concurrently: waits, but not forever. */
  private static long waitWhileStuck(long progress, long since, long address) {
    if (progress > 0) {
      return 0;
    }
    long now = System.nanoTime();
    if (since != 0 && now - since > STUCK_NANOS) {
      throw new PlacementException(
          "the kernel makes no progress with the page at 0x" + Long.toHexString(address));
    }
    Thread.onSpinWait();
    return since == 0 ? now : since;
  }
}
