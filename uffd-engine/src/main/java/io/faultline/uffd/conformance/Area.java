package io.faultline.uffd.conformance;

import io.faultline.uffd.MemoryFile;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a case.
 *
 * @param address its address
 * @param pageBytes the size of its pages
 * @param pages the number of its pages
 * @param file the mapped file, or null
 */
record Area(long address, long pageBytes, int pages, @Nullable MemoryFile file) {
  long lengthBytes() {
    return pages * pageBytes;
  }

  long page(int index) {
    return address + index * pageBytes;
  }

  long end() {
    return address + lengthBytes();
  }

  /** The index of the page that contains an address. */
  int indexOf(long at) {
    return (int) ((at - address) / pageBytes);
  }

  MemoryFile backingFile() {
    MemoryFile backing = file;
    if (backing == null) {
      throw new IllegalStateException("anonymous memory has no file");
    }
    return backing;
  }
}
