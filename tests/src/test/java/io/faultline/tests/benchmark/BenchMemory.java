package io.faultline.tests.benchmark;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A userfaultfd of the Linux kernel, and mappings of 64 MiB to use it on. */
final class BenchMemory {
  static final int BYTES = 64 << 20;
  static final int PAGE_BYTES = 4096;
  static final int PAGES = BYTES / PAGE_BYTES;

  /** The value of every word of {@link #filled} memory. */
  static final long CONTENT = 0x0707070707070707L;

  private final Kernel kernel = new LinuxKernel();
  private final List<Long> mappings = new ArrayList<>();
  private final Userfaultfd uffd;

  BenchMemory(OpenOptions options) {
    uffd = kernel.openUserfaultfd(options);
  }

  Kernel kernel() {
    return kernel;
  }

  Userfaultfd uffd() {
    return uffd;
  }

  /** Maps memory, all of it present. */
  long filled() {
    return fill(map(MapRequest.anonymous(BYTES, PageSize.BASE)));
  }

  /** Maps memory that the kernel zero-fills when it is touched. */
  long untouched(Advice pages) {
    return map(MapRequest.anonymous(BYTES, PageSize.BASE), pages);
  }

  /** Maps memory without pages, registered for missing faults. */
  long missing() {
    return register(map(MapRequest.anonymous(BYTES, PageSize.BASE)), RegisterMode.MISSING);
  }

  /**
   * Maps memory, all of it present, registered so that pages can be moved back after MOVE emptied
   * it.
   */
  long movable() {
    return register(filled(), RegisterMode.MISSING);
  }

  /** Maps memory that is in the page cache, registered for minor faults. */
  long minor() {
    try (MemoryFile file = kernel.createFile("benchmark", BYTES, PageSize.BASE)) {
      return register(fill(map(MapRequest.sharedFile(file))), RegisterMode.MINOR);
    }
  }

  /** Empties the page table of a mapping; the page cache keeps its pages. */
  void drop(long address) {
    kernel.advise(address, BYTES, Advice.DONT_NEED);
  }

  void close() {
    uffd.close();
    mappings.forEach(address -> kernel.unmap(address, BYTES));
  }

  private long map(MapRequest request) {
    return map(request, Advice.NO_HUGE_PAGE);
  }

  private long map(MapRequest request, Advice pages) {
    long address = kernel.map(request);
    mappings.add(address);
    kernel.advise(address, BYTES, pages);
    return address;
  }

  private long register(long address, RegisterMode mode) {
    uffd.register(address, BYTES, Set.of(mode));
    return address;
  }

  private long fill(long address) {
    for (long offset = 0; offset < BYTES; offset += Long.BYTES) {
      kernel.guestStore(address + offset, CONTENT);
    }
    return address;
  }
}
