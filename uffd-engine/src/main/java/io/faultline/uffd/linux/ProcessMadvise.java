package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Advice;
import java.lang.foreign.MemorySegment;

/** The same advice for many ranges of this process, with one call (process_madvise(2)). */
final class ProcessMadvise {
  /** In one call: IOV_MAX of linux/limits.h. */
  static final int MOST = 1024;

  /** PIDFD_SELF of linux/pidfd.h; a kernel that does not know it answers EBADF. */
  private static final long THIS_PROCESS = -10_000;

  private static final long IOVEC_BYTES = 2L * Long.BYTES;

  private ProcessMadvise() {}

  /**
   * Gives the advice for ranges in order, up to the first for which it is refused; 0 where the
   * kernel does not do that at all.
   *
   * @param count at most {@link #MOST}
   * @return how many of the ranges have it
   */
  static int advise(long[] addresses, long[] lengths, int first, int count, Advice advice) {
    MemorySegment ranges = CallScratch.ofThread().buffer(count * IOVEC_BYTES);
    for (int i = 0; i < count; i++) {
      ranges.set(JAVA_LONG, i * IOVEC_BYTES, addresses[first + i]);
      ranges.set(JAVA_LONG, i * IOVEC_BYTES + Long.BYTES, lengths[first + i]);
    }
    long bytes = Libc.processMadvise(THIS_PROCESS, ranges.address(), count, advice.number());
    int done = 0;
    while (done < count && bytes >= lengths[first + done]) {
      bytes -= lengths[first + done];
      done++;
    }
    return done;
  }
}
