package io.faultline.snapshot;

import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import org.jspecify.annotations.Nullable;

/**
 * Which pages of some blocks are in memory. The others are those of the base, also if they arrive
 * meanwhile: a page that arrives is protected. A page that is there stays. Confined to one thread.
 */
final class PresentPages {
  /** More than a step of the saver can have. */
  private static final int RUNS = 512;

  private final @Nullable Pagemap pagemap;
  private final PageRegions found;
  private long address;
  private long lengthBytes;
  private int count;

  /**
   * @param pagemap null if all pages are there
   */
  PresentPages(@Nullable Pagemap pagemap) {
    this.pagemap = pagemap;
    this.found = new PageRegions(pagemap == null ? 1 : RUNS);
  }

  /**
   * Looks at the pages of blocks.
   *
   * @param endBlock so that they have at most 512 pages
   */
  void find(ProtectedRegion region, int firstBlock, int endBlock) {
    address = region.address() + firstBlock * region.blockBytes;
    lengthBytes = region.bytes(firstBlock, endBlock);
    count =
        pagemap == null
            ? 1
            : pagemap.scan(address, address + lengthBytes, PagemapQuery.PRESENT_OR_SWAPPED, found);
  }

  /** The number of runs of pages that are there, in the order of addresses. */
  int count() {
    return count;
  }

  /** Where a run begins: bytes after the first block. */
  long start(int run) {
    return pagemap == null ? 0 : Math.max(0, found.start(run) - address);
  }

  /** Where a run ends. */
  long end(int run) {
    return pagemap == null ? lengthBytes : Math.min(lengthBytes, found.end(run) - address);
  }
}
