package io.faultline.uffd;

import java.lang.foreign.MemorySegment;

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

  /**
   * Reads contents, of which holes are zeros and get no memory.
   *
   * @param to native memory
   * @return the number of bytes, less than wanted if the file ends before
   * @throws SystemCallException with the errno of pread(2)
   */
  long read(long offsetBytes, MemorySegment to, long toOffset, long lengthBytes);

  /**
   * Seals the size, so that a mapping of the file never raises SIGBUS, whatever another process
   * does: F_SEAL_SHRINK and F_SEAL_SEAL, see fcntl(2). Holes may be punched still.
   *
   * @throws SystemCallException EPERM if the file allows no seals, as named files do not, or has
   *     one already that keeps its pages
   */
  void sealSize();

  @Override
  void close();
}
