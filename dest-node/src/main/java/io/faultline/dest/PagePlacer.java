package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Places pages with the fill ioctls of userfaultfd, which also wake the waiting vCPUs. Keeps no
 * state: that a page is already present is a normal result. Offsets and lengths are in bytes, in
 * whole pages of the region.
 *
 * <p>Each method returns how many bytes have been placed: fewer than asked for if the kernel has no
 * memory for the next page now. What was placed stays, and the rest may be tried again.
 *
 * <p>Thread-safe.
 */
final class PagePlacer {
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Kernel kernel;
  private final Userfaultfd userfaultfd;
  private final Pagemap pagemap;
  private final IncomingCounters counters;

  /** No progress, and none is possible before there is memory. */
  private static final long NO_MEMORY = -1;

  /** Whether pages are placed write-protected. */
  private volatile boolean protecting;

  /** For zeros in base pages that are placed write-protected. */
  private final MemorySegment zeroPage;

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
    zeroPage = Arena.ofAuto().allocate(kernel.pageSizeBytes(PageSize.BASE), 1);
  }

  /**
   * Whether pages are write-protected from the beginning: once both loops have passed, each page
   * that is placed is. All regions must be registered for write protection.
   */
  void setProtecting(boolean on) {
    protecting = on;
  }

  /**
   * Copies pages into place.
   *
   * @param source native address of their contents
   * @param overwrite whether to overwrite pages that are present; only while no guest runs
   */
  long place(MemoryRegion region, long offset, long bytes, long source, boolean overwrite) {
    return fill(Call.COPY, region, offset, bytes, source, overwrite);
  }

  /**
   * Places zero pages.
   *
   * @param zeros native address of a page of zeros, used for huge pages, which must be copied
   */
  long placeZeros(MemoryRegion region, long offset, long bytes, long zeros, boolean overwrite) {
    boolean huge = region.backing().pageSize().isHuge();
    if (!huge && !protecting) {
      return fill(Call.ZERO, region, offset, bytes, 0, overwrite);
    }
    // UFFDIO_ZEROPAGE knows neither huge pages nor write protection.
    long page = region.pageBytes();
    long from = huge ? zeros : zeroPage.address();
    long done = 0;
    while (done < bytes && fill(Call.COPY, region, offset + done, page, from, overwrite) > 0) {
      done += page;
    }
    return done;
  }

  /** Maps the contents of the transfer mapping for the guest; a hole there becomes zeros. */
  long map(MemoryRegion region, long offset, long bytes) {
    return fill(Call.CONTINUE, region, offset, bytes, 0, false);
  }

  /** The error if a page has no memory before the VM runs here. */
  PlacementException shortage(MemoryRegion region, long offset) {
    return new PlacementException(MemoryShortage.describe(kernel, region, offset));
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

  /**
   * Makes a range of the transfer mapping writable: otherwise a store to it may raise SIGBUS if the
   * file system or the pool has no page for it.
   */
  boolean populate(MemoryRegion region, long offset, long bytes) {
    long first = offset / region.pageBytes() * region.pageBytes();
    long end = Math.ceilDiv(offset + bytes, region.pageBytes()) * region.pageBytes();
    try {
      kernel.advise(region.transfer().address(first), end - first, Advice.POPULATE_WRITE);
      return true;
    } catch (SystemCallException e) {
      if (e.errno() == Errno.EINVAL) { // before Linux 5.14
        return true;
      }
      return requireShort(e);
    }
  }

  /**
   * ENOMEM, or EFAULT where a store would raise SIGBUS: no memory. Anything else is thrown; returns
   * false.
   */
  private static boolean requireShort(SystemCallException e) {
    if (e.errno() != Errno.ENOMEM && e.errno() != Errno.EFAULT) {
      throw e;
    }
    return false;
  }

  private long fill(
      Call call, MemoryRegion region, long offset, long bytes, long source, boolean overwrite) {
    long done = 0;
    long since = 0;
    while (done < bytes) {
      long address = region.guest().address(offset + done);
      long result = call(call, address, bytes - done, source + done);
      long progress = FillResult.bytesDone(result);
      switch (FillResult.errno(result)) {
        case 0 -> {}
        case Errno.ENOMEM -> {
          return done + progress;
        }
        case Errno.EEXIST -> {
          if (isPoolExhausted(call, region, address)) {
            return done + progress;
          }
          if (overwrite) {
            overwrite(call, region, offset + done, source + done);
          } else if (call != Call.CONTINUE) {
            counters.alreadyPresent.add(region.basePagesPerPage());
          }
          progress = region.pageBytes();
        }
        case Errno.EFAULT -> {
          progress = fillHole(region, offset + done);
          if (progress == NO_MEMORY) {
            return done;
          }
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
    return done;
  }

  private long call(Call call, long address, long bytes, long source) {
    FillMode mode = protecting ? FillMode.WRITE_PROTECTED : FillMode.WAKE;
    return switch (call) {
      case COPY -> userfaultfd.copy(address, source, bytes, mode);
      case ZERO -> userfaultfd.zeroPage(address, bytes, FillMode.WAKE);
      case CONTINUE -> userfaultfd.continueFault(address, bytes, FillMode.WAKE);
    };
  }

  /**
   * EEXIST: the page is already present, because the other thread was faster. On hugetlb the same
   * answer to a copy can mean that the pool is exhausted and the page is not present: continuing
   * would leave its vCPU asleep.
   */
  private boolean isPoolExhausted(Call call, MemoryRegion region, long address) {
    boolean ambiguous = call == Call.COPY && region.backing().pageSize().isHuge();
    return ambiguous && !pagemap.isPresent(address);
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
   * Returns how many bytes have been placed; 0 if the page is only in the file so far; or {@link
   * #NO_MEMORY}.
   */
  private long fillHole(MemoryRegion region, long offset) {
    if (region.backing().pageSize().isHuge()) {
      return populate(region, offset, region.pageBytes()) ? 0 : NO_MEMORY;
    }
    long result =
        userfaultfd.zeroPage(region.guest().address(offset), region.pageBytes(), FillMode.WAKE);
    return FillResult.errno(result) == Errno.ENOMEM ? NO_MEMORY : FillResult.bytesDone(result);
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
