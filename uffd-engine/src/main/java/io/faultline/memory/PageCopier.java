package io.faultline.memory;

import java.lang.foreign.MemorySegment;

/** Copies pages of memory that nobody may read where it is. Thread-safe. */
public interface PageCopier {
  /**
   * Copies pages as they are now. Those that a running guest changes meanwhile may be torn.
   *
   * @param offsetBytes a multiple of the base page
   * @param to native memory, aligned to the base page at {@code toOffset}
   * @param lengthBytes a multiple of the base page
   * @throws UnreadableMemoryException if a page cannot be read
   */
  void copy(long offsetBytes, MemorySegment to, long toOffset, long lengthBytes);

  /**
   * How much of a range, from its start on, is known to be zeros without a copy.
   *
   * @param offsetBytes a multiple of the base page
   * @param lengthBytes a multiple of the base page
   * @return by default 0: nothing is known
   */
  default long knownZeros(long offsetBytes, long lengthBytes) {
    return 0;
  }
}
