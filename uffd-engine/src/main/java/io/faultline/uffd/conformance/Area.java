package io.faultline.uffd.conformance;

import io.faultline.uffd.MemoryFile;
import org.jspecify.annotations.Nullable;

/**
 * Memory of a case.
 *
 * @param address where it is mapped
 * @param pageBytes the size of its pages
 * @param pages how many
 * @param file behind it, or null
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

  /** The page that an address is in. */
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
