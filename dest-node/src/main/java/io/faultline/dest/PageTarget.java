package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;

/**
 * Places the pages of one connection. All page numbers count base pages and have been checked to
 * lie in the region. Confined to the connection's loop.
 *
 * <p>The methods that place pages return false if the kernel has no memory for the next one. Then
 * {@link #retry} goes on, with the same contents in the same place, or {@link #giveUp} ends the
 * run.
 */
interface PageTarget extends AutoCloseable {
  /**
   * The header of a run has arrived.
   *
   * @throws WireException if such a run cannot be placed
   */
  void begin(MemoryRegion region, long firstPage, long count) throws WireException;

  /** Places the data of a whole run at an offset of the region. */
  boolean data(MemoryRegion region, long offset, long address, long bytes);

  /** The smallest amount that can be placed while the guest runs, in bytes. */
  long unitBytes(MemoryRegion region);

  /**
   * The address where the data of a run may be written before it is passed to {@link #data}; 0 if
   * that is not possible. Either {@link #data} or {@link #giveUp} follows. Writing there may fail
   * for lack of memory.
   *
   * @param offset of the run in the region
   * @param bytes length of the run
   */
  default long directAddress(MemoryRegion region, long offset, long bytes) {
    return 0;
  }

  /**
   * The run whose address was requested, or that waits for memory, will not be completed. Does
   * nothing without one.
   */
  void giveUp();

  /** Goes on with the run that could not be placed completely; true if nothing is left of it. */
  boolean retry();

  /** The offset in bytes of the first page of the run that is not placed yet. */
  long nextOffset(MemoryRegion region);

  /** Places a run of zero pages. */
  boolean zeros(MemoryRegion region, long firstPage, long count);

  /**
   * The pages of a run are current, as precopy brought them.
   *
   * @throws WireException if this placement has no current pages
   */
  boolean current(MemoryRegion region, long firstPage, long count) throws WireException;

  @Override
  void close();
}
