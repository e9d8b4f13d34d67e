package io.faultline.paging;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.Set;

/** Maps memory that a pager fills or empties by calls of the userfaultfd. */
final class PagerMemory {
  private PagerMemory() {}

  /** Maps and registers memory. */
  static long map(Kernel kernel, Userfaultfd uffd, long bytes, Set<RegisterMode> modes) {
    long address = kernel.mapUnreserved(bytes);
    try {
      kernel.advise(address, bytes, Advice.NO_HUGE_PAGE);
      // a forked child must not share its pages: the kernel could not move them any more
      kernel.advise(address, bytes, Advice.DONT_FORK);
      uffd.register(address, bytes, modes);
      return address;
    } catch (RuntimeException e) {
      kernel.unmap(address, bytes);
      throw e;
    }
  }
}
