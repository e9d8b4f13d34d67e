package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import java.util.List;

/**
 * How much page data a run may have. Immutable.
 *
 * @param target of the runs
 */
record RunLimits(PageTarget target) {
  /** The most page data of a run, unless a single page of the backing is larger. */
  static final long MAX_RUN_BYTES = 2 << 20;

  /** The most page data of a run in any of the regions. */
  long longestBytes(List<MemoryRegion> regions) {
    long longest = MAX_RUN_BYTES;
    for (MemoryRegion each : regions) {
      longest = Math.max(longest, mostBytes(each));
    }
    return longest;
  }

  private long mostBytes(MemoryRegion of) {
    return Math.max(MAX_RUN_BYTES, target.unitBytes(of));
  }

  /**
   * Checks the payload of a run that is not compressed.
   *
   * @param expected bytes, from the number of pages and their encoding
   */
  void check(MemoryRegion of, int pages, long expected, long payload) throws WireException {
    if (payload != expected) {
      throw new WireException(
          pages + " pages with a payload of " + payload + " bytes, not " + expected);
    }
    long most = mostBytes(of);
    if (payload > most) {
      throw new WireException(
          pages + " pages in one run, which is more than " + most + " bytes of data");
    }
  }
}
