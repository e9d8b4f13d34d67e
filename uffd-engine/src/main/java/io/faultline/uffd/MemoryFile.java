package io.faultline.uffd;

/**
 * A file in memory: a memfd, or a named file in tmpfs or hugetlbfs. Mappings of it stay after it is
 * closed.
 */
public interface MemoryFile extends AutoCloseable {
  /** Its size in bytes. */
  long sizeBytes();

  /** The size of its pages. */
  PageSize pageSize();

  /** The file descriptor, -1 for an engine that has none. */
  int fd();

  /** Drops its pages in a range (fallocate PUNCH_HOLE), which raises no userfaultfd event. */
  void punchHole(long offsetBytes, long lengthBytes);

  @Override
  void close();
}
