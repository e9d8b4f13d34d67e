package io.faultline.uffd.linux;

import io.faultline.uffd.SystemCallException;

/** Room in the address space of the process. */
final class AddressSpace {
  private static final long LARGEST_ALIGNMENT = 1L << 30;

  private AddressSpace() {}

  /**
   * Reserves a free range for a mapping to be moved to: mremap to "anywhere" leaves a mapping of
   * the same length where it is.
   *
   * @param alignmentBytes a power of two; that of the largest page is enough for every mapping
   */
  static long reserve(long lengthBytes, long alignmentBytes) {
    long alignment = Math.min(alignmentBytes, LARGEST_ALIGNMENT);
    long whole = lengthBytes + alignment;
    int flags = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE;
    long address = Libc.mmap(whole, flags, -1, 0);
    if (address < 0 && address > -4096) {
      throw new SystemCallException("mmap(length=" + whole + ")", (int) -address);
    }
    long start = (address + alignment - 1) & -alignment;
    trim(address, start);
    trim(start + lengthBytes, address + whole);
    return start;
  }

  private static void trim(long start, long end) {
    if (end > start) {
      Libc.munmap(start, end - start);
    }
  }
}
