package io.faultline.uffd;

/**
 * A file in memory: a memfd, or a named file in tmpfs or hugetlbfs. Its mappings remain after it is
 * closed.
 */
public interface MemoryFile extends AutoCloseable {
  /** The size in bytes. */
  long sizeBytes();

  /** The size of its pages. */
  PageSize pageSize();

  /** The file descriptor; -1 for an engine without file descriptors. */
  int fd();

  /** Drops the pages of a range (fallocate PUNCH_HOLE), without a userfaultfd event. */
  void punchHole(long offsetBytes, long lengthBytes);

  @Override
  void close();
}
