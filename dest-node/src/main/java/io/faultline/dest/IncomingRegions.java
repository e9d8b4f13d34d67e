package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import java.util.List;

/**
 * The memory regions that are being filled; checks every page range that the peer names. Immutable.
 */
final class IncomingRegions {
  private final MemoryRegion[] regions;

  IncomingRegions(List<MemoryRegion> regions) {
    this.regions = regions.toArray(MemoryRegion[]::new);
  }

  List<MemoryRegion> all() {
    return List.of(regions);
  }

  /**
   * The region of a run of base pages.
   *
   * @throws WireException unless the whole run lies in an announced region
   */
  MemoryRegion check(int id, long firstPage, int count) throws WireException {
    if (id >= regions.length) {
      throw new WireException("pages of region " + id + ", which was not announced");
    }
    MemoryRegion region = regions[id];
    long pages = region.basePageCount();
    if (firstPage < 0 || firstPage >= pages || count < 1 || count > pages - firstPage) {
      throw new WireException(
          count + " pages from " + firstPage + " of region " + id + ", which has " + pages);
    }
    return region;
  }

  /** The region whose guest mapping contains an address. */
  MemoryRegion at(long address) {
    for (MemoryRegion region : regions) {
      long offset = address - region.guest().address();
      if (offset >= 0 && offset < region.sizeBytes()) {
        return region;
      }
    }
    throw new IllegalStateException(
        "a fault at 0x" + Long.toHexString(address) + ", which is in no region");
  }
}
