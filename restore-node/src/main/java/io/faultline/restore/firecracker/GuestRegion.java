package io.faultline.restore.firecracker;

/**
 * A region of a guest's memory.
 *
 * @param address where it starts in Firecracker
 * @param lengthBytes a multiple of its page size
 * @param fileOffset where it starts in the memory file
 * @param pageBytes 4096, or the size of its huge pages
 */
record GuestRegion(long address, long lengthBytes, long fileOffset, long pageBytes) {
  /** The first address after it. */
  long end() {
    return address + lengthBytes;
  }

  boolean contains(long anyAddress) {
    return anyAddress >= address && anyAddress < end();
  }

  boolean isHuge() {
    return pageBytes > MemoryFile.PAGE_BYTES;
  }

  /** The first address of the page of an address. */
  long pageOf(long anyAddress) {
    return anyAddress & -pageBytes;
  }

  /** The page of the memory file, of 4 KiB, that an address shows. */
  long filePage(long anyAddress) {
    return (anyAddress - address + fileOffset) / MemoryFile.PAGE_BYTES;
  }

  /** The inverse of {@link #filePage}. */
  long addressOf(long filePage) {
    return filePage * MemoryFile.PAGE_BYTES - fileOffset + address;
  }

  long firstFilePage() {
    return fileOffset / MemoryFile.PAGE_BYTES;
  }

  long endFilePage() {
    return (fileOffset + lengthBytes) / MemoryFile.PAGE_BYTES;
  }
}
