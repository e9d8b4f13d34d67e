package io.faultline.uffd;

/**
 * The result of a fill ioctl, packed into one {@code long} so that the hot path allocates nothing.
 *
 * <pre>
 *   63                              12 11          0
 *  +----------------------------------+-------------+
 *  | bytes done (a multiple of 4096)  |    errno    |
 *  +----------------------------------+-------------+
 * </pre>
 *
 * <p>The kernel fills whole pages, the smallest page is 4096 bytes and the largest error number is
 * 4095 ({@code MAX_ERRNO} in {@code include/linux/err.h}), so both fit.
 *
 * <p>A result contains only these error numbers; every other error is thrown as a {@link
 * SystemCallException}:
 *
 * <ul>
 *   <li>0: all bytes done.
 *   <li>{@link Errno#EAGAIN}: an event is unread, or the fill stopped part-way: read events, then
 *       continue after the bytes done.
 *   <li>{@link Errno#EEXIST}: a page is already present. On hugetlb the pool may be exhausted
 *       instead: check {@link Pagemap#isPresent}.
 *   <li>{@link Errno#ENOMEM}: there is no memory for the next page, now: the same call may succeed
 *       later. Nothing after the bytes done was changed.
 *   <li>{@link Errno#EFAULT}, for CONTINUE only: the page is not in the page cache.
 *   <li>{@link Errno#EBUSY}, for MOVE only: a page is in use by the kernel, mostly for I/O, or
 *       shared with a forked process.
 *   <li>{@link Errno#ENOENT}: the range is no longer mapped or registered; for MOVE, or the source
 *       is a hole.
 *   <li>{@link Errno#ESRCH}: the process is gone.
 * </ul>
 */
public final class FillResult {
  private static final long ERRNO_MASK = 0xfff;

  private FillResult() {}

  /**
   * Packs a result.
   *
   * @param bytesDone bytes filled, not negative, a multiple of 4096
   * @param errno 0 or an error number below 4096
   */
  public static long of(long bytesDone, int errno) {
    assert bytesDone >= 0 && (bytesDone & ERRNO_MASK) == 0 : bytesDone;
    assert errno >= 0 && errno <= ERRNO_MASK : errno;
    return bytesDone | errno;
  }

  /** Bytes filled, from the start of the range. */
  public static long bytesDone(long result) {
    return result & ~ERRNO_MASK;
  }

  /** 0 if the whole range was filled, else one of the error numbers in the class comment. */
  public static int errno(long result) {
    return (int) (result & ERRNO_MASK);
  }

  /** Whether the whole range was filled. */
  public static boolean isComplete(long result) {
    return errno(result) == 0;
  }

  /** Whether the result of any fill may contain {@code errno}. */
  public static boolean isExpected(int errno) {
    return errno == 0
        || errno == Errno.EAGAIN
        || errno == Errno.EBUSY
        || errno == Errno.EEXIST
        || errno == Errno.ENOENT
        || errno == Errno.ENOMEM
        || errno == Errno.ESRCH;
  }

  /** The result in human-readable form: {@code 8192 bytes, EAGAIN}. */
  public static String describe(long result) {
    return bytesDone(result) + " bytes, " + Errno.name(errno(result));
  }
}
