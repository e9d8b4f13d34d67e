package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.SystemCallException;
import java.util.List;

/** Argument checks and results shared by the calls. */
final class Calls {
  /** The smallest page, and the unit of every range. */
  static final long PAGE_BYTES = 4096;

  /** The end of the user address space on x86-64 ({@code TASK_SIZE}). */
  private static final long TASK_SIZE = 0x7fff_ffff_f000L;

  /** {@code mmap_min_addr}. */
  private static final long LOWEST = 4096;

  /** No mapping lies below this address. */
  private static final long LOWEST_MAPPED = 65536;

  private Calls() {}

  /** Whether a range lies in user space and consists of whole pages ({@code validate_range}). */
  static boolean isRange(long start, long lengthBytes) {
    return (start & (PAGE_BYTES - 1)) == 0
        && (lengthBytes & (PAGE_BYTES - 1)) == 0
        && isUnalignedRange(start, lengthBytes);
  }

  static boolean isUnalignedRange(long start, long lengthBytes) {
    return lengthBytes > 0
        && start >= LOWEST
        && start < TASK_SIZE
        && lengthBytes <= TASK_SIZE - start;
  }

  /** Whether memory can be mapped at an address. */
  static boolean isMappable(long address) {
    return address >= LOWEST_MAPPED;
  }

  static void checkRange(String call, long start, long lengthBytes) {
    if (!isRange(start, lengthBytes)) {
      throw new SystemCallException(range(call, start, lengthBytes), Errno.EINVAL);
    }
  }

  /** Refuses a range that would split a huge page. */
  static void checkBorders(String call, List<Vma> areas, long start, long lengthBytes) {
    for (Vma area : areas) {
      long inPage = area.object().pageBytes - 1;
      long end = start + lengthBytes;
      boolean startsInPage = start > area.start() && (start & inPage) != 0;
      boolean endsInPage = end < area.end() && (end & inPage) != 0;
      if (startsInPage || endsInPage) {
        throw new SystemCallException(range(call, start, lengthBytes), Errno.EINVAL);
      }
    }
  }

  static String range(String call, long start, long lengthBytes) {
    return String.format("%s(address=0x%x, length=%d)", call, start, lengthBytes);
  }

  /** Returns a result, or throws if the error is the caller's mistake. */
  static long result(String call, long start, long lengthBytes, long done, int errno) {
    if (!FillResult.isExpected(errno)) {
      throw new SystemCallException(range(call, start, lengthBytes), errno);
    }
    return FillResult.of(done, errno);
  }

  /** The result of a fill: all done, stopped part-way (EAGAIN), or the error of its first page. */
  static long filled(String call, long start, long lengthBytes, long done, int errno) {
    if (done == 0) {
      return result(call, start, lengthBytes, 0, errno);
    }
    return FillResult.of(done, done == lengthBytes ? 0 : Errno.EAGAIN);
  }
}
