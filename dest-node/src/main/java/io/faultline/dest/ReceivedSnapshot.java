package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;

/**
 * With placement continue: the pages that were current when connections were made anew. Immutable.
 */
final class ReceivedSnapshot implements ReceivedPages {
  private final PageBitmap[] current;

  /**
   * @param current by region, not shared
   */
  ReceivedSnapshot(PageBitmap[] current) {
    this.current = current;
  }

  @Override
  public long nextReceived(MemoryRegion region, long page) {
    return current[region.id()].nextSet(page);
  }

  @Override
  public long nextMissing(MemoryRegion region, long page) {
    return current[region.id()].nextClear(page);
  }

  /** How many pages of a run were current. */
  long count(MemoryRegion region, long first, long end) {
    return current[region.id()].count(first, end);
  }
}
