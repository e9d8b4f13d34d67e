package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;

/**
 * Where the pages of one connection go. All pages are base pages, which lie in the region. Belongs
 * to the connection's loop.
 */
interface PageTarget extends AutoCloseable {
  /**
   * A run begins, with or without data.
   *
   * @throws WireException where such a run cannot be placed
   */
  void begin(MemoryRegion region, long firstPage, long count) throws WireException;

  /** All of the run's data, which goes to an offset of the region. */
  void data(MemoryRegion region, long offset, long address, long bytes);

  /** The least that can be placed while the guest runs, in bytes. */
  long unitBytes(MemoryRegion region);

  /**
   * Where the data of a run may be written before it is given to {@link #data}; 0 for nowhere. Then
   * either that follows, or {@link #giveUp}.
   *
   * @param offset where the run starts in the region
   * @param bytes of the run
   */
  default long place(MemoryRegion region, long offset, long bytes) {
    return 0;
  }

  /** The run whose place was asked for does not come, or is damaged; does nothing without one. */
  default void giveUp() {}

  /** The run is of zeros. */
  void zeros(MemoryRegion region, long firstPage, long count);

  /**
   * The run is of pages that are current.
   *
   * @throws WireException unless that can be
   */
  void current(MemoryRegion region, long firstPage, long count) throws WireException;

  @Override
  void close();
}
