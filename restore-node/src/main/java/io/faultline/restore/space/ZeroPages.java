package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;

/**
 * Pages of zeros: as contents to pass on, and to fill memory with. Nothing writes them.
 * Thread-safe.
 */
public final class ZeroPages {
  /** How many pages there are at {@link #address}. */
  public static final int COUNT = 64;

  private static final long BYTES = (long) COUNT * PAGE_BYTES;

  private static final long ADDRESS = Arena.global().allocate(BYTES, PAGE_BYTES).address();

  private ZeroPages() {}

  /** The native address of {@link #COUNT} pages. */
  public static long address() {
    return ADDRESS;
  }

  /**
   * Fills missing memory with zeros and wakes the threads that wait for it. With UFFDIO_ZEROPAGE,
   * which takes no memory; where the kernel does not have that for the kind of memory (hugetlb;
   * shmem before Linux 4.14), with copies.
   *
   * @return as a {@link FillResult}
   */
  public static long fill(Userfaultfd userfaultfd, long address, long lengthBytes) {
    try {
      return userfaultfd.zeroPage(address, lengthBytes, FillMode.WAKE);
    } catch (SystemCallException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
      return copy(userfaultfd, address, lengthBytes);
    }
  }

  private static long copy(Userfaultfd userfaultfd, long address, long lengthBytes) {
    long done = 0;
    while (done < lengthBytes) {
      long bytes = Math.min(BYTES, lengthBytes - done);
      long result = userfaultfd.copy(address + done, ADDRESS, bytes, FillMode.WAKE);
      done += FillResult.bytesDone(result);
      if (!FillResult.isComplete(result)) {
        return FillResult.of(done, FillResult.errno(result));
      }
    }
    return FillResult.of(done, 0);
  }
}
