package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.SystemCallException;

/** Checks and results that calls share. */
final class Calls {
  /** The smallest page, and the unit of every range. */
  static final long PAGE_BYTES = 4096;

  /**
   * What user space may address on x86-64 ({@code TASK_SIZE}), and may not ({@code mmap_min_addr}).
   */
  private static final long TASK_SIZE = 0x7fff_ffff_f000L;

  private static final long LOWEST = 4096;

  /** No memory of a process lies below this, so that nothing can be read there. */
  private static final long LOWEST_MAPPED = 65536;

  private Calls() {}

  /** Whether a range is one of user space, of whole pages ({@code validate_range}). */
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

  /** Whether memory at an address can be there at all. */
  static boolean isMappable(long address) {
    return address >= LOWEST_MAPPED;
  }

  static void checkRange(String call, long start, long lengthBytes) {
    if (!isRange(start, lengthBytes)) {
      throw new SystemCallException(range(call, start, lengthBytes), Errno.EINVAL);
    }
  }

  static String range(String call, long start, long lengthBytes) {
    return String.format("%s(address=0x%x, length=%d)", call, start, lengthBytes);
  }

  /** A result, or an exception where the error is the caller's. */
  static long result(String call, long start, long lengthBytes, long done, int errno) {
    if (!FillResult.isExpected(errno)) {
      throw new SystemCallException(range(call, start, lengthBytes), errno);
    }
    return FillResult.of(done, errno);
  }

  /** What a fill returns that came so far: done, stopped on the way, or the error of its start. */
  static long filled(String call, long start, long lengthBytes, long done, int errno) {
    if (done == 0) {
      return result(call, start, lengthBytes, 0, errno);
    }
    return FillResult.of(done, done == lengthBytes ? 0 : Errno.EAGAIN);
  }
}
