package io.faultline.uffd.linux;

import io.faultline.uffd.SystemCallException;

/** Maps memory and reserves addresses in this process. */
final class AddressSpace {
  private static final long MAX_ALIGNMENT = 1L << 30;

  private AddressSpace() {}

  /**
   * Reserves a free range as the target of mremap: without a target, mremap does not move a mapping
   * whose length stays the same.
   *
   * @param alignmentBytes a power of two; at most 1 GiB, the largest page, is used
   */
  static long reserve(long lengthBytes, long alignmentBytes) {
    long alignment = Math.min(alignmentBytes, MAX_ALIGNMENT);
    long whole = lengthBytes + alignment;
    long address = map(whole, Libc.MAP_PRIVATE | Libc.MAP_NORESERVE);
    long start = (address + alignment - 1) & -alignment;
    trim(address, start);
    trim(start + lengthBytes, address + whole);
    return start;
  }

  /**
   * Maps anonymous memory, readable and writable.
   *
   * @param flags MAP_PRIVATE or MAP_SHARED, and others
   */
  static long map(long lengthBytes, int flags) {
    long address = Libc.mmap(lengthBytes, flags | Libc.MAP_ANONYMOUS, -1, 0);
    if (address < 0 && address > -4096) {
      throw new SystemCallException("mmap(length=" + lengthBytes + ")", (int) -address);
    }
    return address;
  }

  private static void trim(long start, long end) {
    if (end > start) {
      Libc.munmap(start, end - start);
    }
  }
}
