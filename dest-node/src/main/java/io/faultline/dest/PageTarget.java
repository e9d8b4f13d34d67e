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

  /** The next piece of the run's data, which goes to an offset of the region. */
  void data(MemoryRegion region, long offset, long address, long bytes);

  /**
   * Where data for an offset of the region may be written before it is given to {@link #data}; 0
   * for nowhere.
   */
  default long place(MemoryRegion region, long offset) {
    return 0;
  }

  /** The run is of zeros. */
  void zeros(MemoryRegion region, long firstPage, long count);

  /**
   * The run is of pages that are current.
   *
   * @throws WireException unless that can be
   */
  void current(MemoryRegion region, long firstPage, long count) throws WireException;

  /**
   * What came of a page that is not whole is forgotten: nothing more of it comes.
   *
   * @return whole base pages among that
   */
  long reset();

  @Override
  void close();
}
