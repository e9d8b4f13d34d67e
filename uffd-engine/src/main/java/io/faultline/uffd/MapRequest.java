package io.faultline.uffd;

import org.jspecify.annotations.Nullable;

/**
 * A request for a readable and writable mapping.
 *
 * @param lengthBytes the length, a positive multiple of the page size
 * @param pageSize the size of its pages; for a file, the file's page size
 * @param file the file to map, or null for anonymous memory
 * @param fileOffsetBytes the start in the file, a multiple of the page size
 * @param shared whether writes reach the file
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

  /** A shared mapping of a whole file. */
  public static MapRequest sharedFile(MemoryFile file) {
    return new MapRequest(file.sizeBytes(), file.pageSize(), file, 0, true);
  }

  /** A private mapping of a whole file. */
  public static MapRequest privateFile(MemoryFile file) {
    return new MapRequest(file.sizeBytes(), file.pageSize(), file, 0, false);
  }
}
