package io.faultline.uffd;

/**
 * The pages of a named memory file that nobody has written: they read as zeros. A load through a
 * mapping would give them memory, which a sparse file saves. Thread-safe.
 *
 * <p>An answer is about one moment: a page may be written at any time.
 */
public interface UnwrittenPages extends AutoCloseable {
  /**
   * Whether a range reads as zeros, as far as that can be known without giving it memory.
   *
   * @param offsetBytes in the file, a multiple of the base page
   * @param lengthBytes a multiple of the base page, not 0
   * @return false also if it is not known: then a load tells, and costs no memory or little
   */
  boolean contain(long offsetBytes, long lengthBytes);

  @Override
  void close();
}
