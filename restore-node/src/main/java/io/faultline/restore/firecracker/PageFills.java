package io.faultline.restore.firecracker;

import io.faultline.restore.space.ZeroPages;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Fills missing pages of a guest from the memory file, or with zeros. Confined to the VM's thread.
 */
final class PageFills {
  /** What became of a fill. */
  enum Fill {
    /** Its first page is there. */
    DONE,
    /** It must be tried again: the guest gives memory back, or there is no memory. */
    LATER,
    /** Its first page is not mapped. */
    UNMAPPED,
    /** The process has exited. */
    GONE
  }

  private final Userfaultfd userfaultfd;
  private final MemoryFile file;
  private final @Nullable Pagemap pagemap;
  private final MemorySegment hugeZeros;
  private long filled;

  /**
   * @param pagemap of the process, for huge pages; null if it cannot be read
   * @param largestPageBytes the largest page size of its regions
   * @param arena for memory as long as this is used
   */
  PageFills(
      Userfaultfd userfaultfd,
      MemoryFile file,
      @Nullable Pagemap pagemap,
      long largestPageBytes,
      Arena arena) {
    this.userfaultfd = userfaultfd;
    this.file = file;
    this.pagemap = pagemap;
    hugeZeros =
        largestPageBytes > MemoryFile.PAGE_BYTES
            ? arena.allocate(largestPageBytes, MemoryFile.PAGE_BYTES)
            : MemorySegment.NULL;
  }

  /** The bytes that the last fill has filled, from its start on. */
  long filledBytes() {
    return filled;
  }

  /** Copies pages of the file and wakes the threads that wait for them. */
  Fill copy(GuestRegion region, long address, long lengthBytes) {
    long source = file.address(region.filePage(address));
    try {
      return settle(
          region,
          address,
          lengthBytes,
          userfaultfd.copy(address, source, lengthBytes, FillMode.WAKE));
    } catch (SystemCallException e) {
      if (e.errno() == Errno.EFAULT) {
        throw new MemoryFileException(file);
      }
      throw e;
    }
  }

  /** Fills pages with zeros; of huge pages, one. */
  Fill zero(GuestRegion region, long address, long lengthBytes) {
    long result =
        region.isHuge()
            ? userfaultfd.copy(address, hugeZeros.address(), region.pageBytes(), FillMode.WAKE)
            : ZeroPages.fill(userfaultfd, address, lengthBytes);
    return settle(region, address, lengthBytes, result);
  }

  private Fill settle(GuestRegion region, long address, long lengthBytes, long result) {
    filled = FillResult.bytesDone(result);
    if (filled > 0) {
      return Fill.DONE;
    }
    return switch (FillResult.errno(result)) {
      case Errno.EAGAIN, Errno.ENOMEM -> Fill.LATER;
      case Errno.EEXIST -> alreadyThere(region, address);
      case Errno.ESRCH -> Fill.GONE;
      case Errno.ENOENT -> {
        userfaultfd.wake(address, lengthBytes); // it faults again, or gets SIGSEGV
        yield Fill.UNMAPPED;
      }
      default -> throw new IllegalStateException(FillResult.describe(result));
    };
  }

  /** EEXIST wakes nobody; and of huge pages it may mean that the pool is exhausted. */
  private Fill alreadyThere(GuestRegion region, long address) {
    if (region.isHuge() && pagemap != null && !pagemap.isPresent(address)) {
      return Fill.LATER;
    }
    userfaultfd.wake(address, region.pageBytes());
    return Fill.DONE;
  }
}
