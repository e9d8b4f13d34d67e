package io.faultline.dest.received;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;

/**
 * With placement continue: the pages that were current when the source reconnected. Immutable, and
 * therefore thread-safe.
 */
public final class ReceivedSnapshot implements ReceivedPages {
  private final PageBitmap[] current;

  /**
   * @param current the current pages, indexed by region; must not be changed afterwards
   */
  public ReceivedSnapshot(PageBitmap[] current) {
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
  public long count(MemoryRegion region, long first, long end) {
    return current[region.id()].count(first, end);
  }
}
