package io.faultline.paging;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * What a region pages from and to: a file, compressed memory, a network service. Offsets are those
 * of the region.
 *
 * <p>Called by several threads at once; never for overlapping ranges at the same time if one of the
 * calls is a write or discard. A call must not touch memory of a region that is paged by the same
 * pager.
 */
public interface PageStore {
  /**
   * Reads into native memory. What is not in the store yet reads as zeros: the caller clears the
   * part that was not read.
   *
   * @param offset a multiple of the page size
   * @param to native memory, aligned to the page size at {@code toOffset}
   * @param lengthBytes a multiple of the page size
   * @return the number of bytes read: less than {@code lengthBytes} only at the end of the store
   * @throws IOException if the store cannot say what is there: the access fails, and is never
   *     answered with zeros
   */
  long read(long offset, MemorySegment to, long toOffset, long lengthBytes) throws IOException;

  /**
   * Writes all of it. It need not be durable before {@link #sync} returns.
   *
   * @param lengthBytes a multiple of the page size, except at the end of a region
   * @throws IOException if some of it was not written, such as on a full disk: the pager keeps the
   *     pages and tries again
   */
  void write(long offset, MemorySegment from, long fromOffset, long lengthBytes) throws IOException;

  /** Drops a range, which reads as zeros from then on. */
  void discard(long offset, long lengthBytes) throws IOException;

  /** Makes everything durable that was written and discarded before the call. */
  void sync() throws IOException;

  /** The alignment that transfers must have, in bytes: a power of two, at most the page size. */
  int alignment();

  /** Whether it refuses writes: then it can only be mapped read-only. */
  default boolean isReadOnly() {
    return false;
  }

  /** The number of bytes that it can hold; a region must not be longer. */
  default long sizeBytes() {
    return Long.MAX_VALUE;
  }
}
