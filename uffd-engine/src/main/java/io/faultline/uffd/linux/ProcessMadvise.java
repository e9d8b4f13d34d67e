package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Advice;
import java.lang.foreign.MemorySegment;

/** Gives the same advice for many ranges of this process in one call (process_madvise(2)). */
final class ProcessMadvise {
  /** The maximum per call: IOV_MAX of linux/limits.h. */
  static final int MAX_RANGES = 1024;

  /** Of linux/pidfd.h; older kernels return EBADF. */
  private static final long PIDFD_SELF = -10_000;

  private static final long IOVEC_BYTES = 2L * Long.BYTES;

  private ProcessMadvise() {}

  /**
   * Gives the advice for ranges in order, up to the first one that is refused.
   *
   * @param count at most {@link #MAX_RANGES}
   * @return the number of ranges advised; 0 if the kernel does not support the call
   */
  static int advise(long[] addresses, long[] lengths, int first, int count, Advice advice) {
    MemorySegment ranges = CallScratch.ofThread().buffer(count * IOVEC_BYTES);
    for (int i = 0; i < count; i++) {
      ranges.set(JAVA_LONG, i * IOVEC_BYTES, addresses[first + i]);
      ranges.set(JAVA_LONG, i * IOVEC_BYTES + Long.BYTES, lengths[first + i]);
    }
    long bytes = Libc.processMadvise(PIDFD_SELF, ranges.address(), count, advice.number());
    int done = 0;
    while (done < count && bytes >= lengths[first + done]) {
      bytes -= lengths[first + done];
      done++;
    }
    return done;
  }
}
