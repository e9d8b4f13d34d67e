package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;

/**
 * Places the pages of one connection. All page numbers count base pages and have been checked to
 * lie in the region. Confined to the connection's loop.
 */
interface PageTarget extends AutoCloseable {
  /**
   * The header of a run has arrived.
   *
   * @throws WireException if such a run cannot be placed
   */
  void begin(MemoryRegion region, long firstPage, long count) throws WireException;

  /** Places the data of a whole run at an offset of the region. */
  void data(MemoryRegion region, long offset, long address, long bytes);

  /** The smallest amount that can be placed while the guest runs, in bytes. */
  long unitBytes(MemoryRegion region);

  /**
   * The address where the data of a run may be written before it is passed to {@link #data}; 0 if
   * that is not possible. Either {@link #data} or {@link #giveUp} follows.
   *
   * @param offset of the run in the region
   * @param bytes length of the run
   */
  default long directAddress(MemoryRegion region, long offset, long bytes) {
    return 0;
  }

  /** The run whose address was requested will not be completed. Does nothing without one. */
  default void giveUp() {}

  /** Places a run of zero pages. */
  void zeros(MemoryRegion region, long firstPage, long count);

  /**
   * The pages of a run are current, as precopy brought them.
   *
   * @throws WireException if this placement has no current pages
   */
  void current(MemoryRegion region, long firstPage, long count) throws WireException;

  @Override
  void close();
}
