package io.faultline.uffd;

import org.jspecify.annotations.Nullable;

/**
 * A mapping to be made, readable and writable.
 *
 * @param lengthBytes its length, a positive multiple of the page size
 * @param pageSize of its pages; for a file, that of the file
 * @param file what to map, or null for anonymous memory
 * @param fileOffsetBytes where in the file it starts, a multiple of the page size
 * @param shared whether writes reach the file; private mappings keep theirs
 */
public record MapRequest(
    long lengthBytes,
    PageSize pageSize,
    @Nullable MemoryFile file,
    long fileOffsetBytes,
    boolean shared) {

  public MapRequest {
    if (lengthBytes <= 0) {
      throw new IllegalArgumentException("length " + lengthBytes + " is not positive");
    }
    if (fileOffsetBytes < 0) {
      throw new IllegalArgumentException("file offset " + fileOffsetBytes + " is negative");
    }
  }

  /** Private anonymous memory. */
  public static MapRequest anonymous(long lengthBytes, PageSize pageSize) {
    return new MapRequest(lengthBytes, pageSize, null, 0, false);
  }

  /** The whole of a file, shared. */
  public static MapRequest sharedFile(MemoryFile file) {
    return new MapRequest(file.sizeBytes(), file.pageSize(), file, 0, true);
  }

  /** The whole of a file, private. */
  public static MapRequest privateFile(MemoryFile file) {
    return new MapRequest(file.sizeBytes(), file.pageSize(), file, 0, false);
  }
}
