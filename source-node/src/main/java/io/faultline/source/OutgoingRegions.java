package io.faultline.source;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;
import io.faultline.proto.WireException;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** All regions of guest memory, by their ids. Validates the pages that the peer names. */
final class OutgoingRegions {
  private final List<OutgoingRegion> regions;
  private final List<PageRange> neededFirst;
  private final LongAdder resent = new LongAdder();
  private final long totalPages;

  /** All pages are dirty. */
  OutgoingRegions(List<MemoryRegion> memory, Placement placement) {
    this(memory, placement, List.of());
  }

  /**
   * All pages are dirty.
   *
   * @param neededFirst see {@link OutgoingVm#neededFirst}
   * @throws IllegalArgumentException if these are outside the memory
   */
  OutgoingRegions(List<MemoryRegion> memory, Placement placement, List<PageRange> neededFirst) {
    regions = memory.stream().map(region -> new OutgoingRegion(region, placement)).toList();
    for (int i = 0; i < regions.size(); i++) {
      MemoryRegion region = memory.get(i);
      if (region.id() != i) {
        throw new IllegalArgumentException(
            "region " + region.name() + " has id " + region.id() + ", expected " + i);
      }
    }
    totalPages = regions.stream().mapToLong(region -> region.memory().basePageCount()).sum();
    this.neededFirst = List.copyOf(neededFirst);
    neededFirst.forEach(this::requireInMemory);
  }

  private void requireInMemory(PageRange range) {
    if (range.region() < 0
        || range.region() >= regions.size()
        || range.first() < 0
        || range.count() < 1
        || range.count() > pages(range) - range.first()) {
      throw new IllegalArgumentException(
          "pages that the VM needs first are outside its memory: " + range);
    }
  }

  private long pages(PageRange range) {
    return regions.get(range.region()).memory().basePageCount();
  }

  /** See {@link OutgoingVm#neededFirst}. */
  List<PageRange> neededFirst() {
    return neededFirst;
  }

  /**
   * Sets what the VM needs soon, before the scan starts.
   *
   * @param pages see {@link OutgoingVm#expectedSoon}
   */
  void expect(List<PageBitmap> pages) {
    for (int i = 0; i < pages.size(); i++) {
      regions.get(i).expect(pages.get(i));
    }
  }

  /** Whether there are pages that the VM needs soon. */
  boolean expectsAny() {
    return regions.stream().anyMatch(each -> each.expected().count() > 0);
  }

  int count() {
    return regions.size();
  }

  List<OutgoingRegion> all() {
    return regions;
  }

  OutgoingRegion get(int id) {
    return regions.get(id);
  }

  /** Base pages of all regions. */
  long totalPages() {
    return totalPages;
  }

  /** The unit of page counts. */
  long basePageBytes() {
    return regions.getFirst().memory().basePageBytes();
  }

  /** Bytes of all dirty pages. */
  long dirtyBytes() {
    return regions.stream()
        .mapToLong(region -> region.dirty().count() * region.memory().basePageBytes())
        .sum();
  }

  /** See {@link OutgoingRegion#collect}. */
  void collect(DirtyLog log) {
    for (OutgoingRegion region : regions) {
      region.collect(log);
    }
  }

  /** See {@link OutgoingRegion#markStale}. */
  void markStale() {
    regions.forEach(OutgoingRegion::markStale);
  }

  /** See {@link OutgoingRegion#findDiscards}. */
  long findDiscards() {
    return regions.stream().mapToLong(OutgoingRegion::findDiscards).sum();
  }

  /** See {@link OutgoingRegion#markDiscarded}. */
  void markDiscarded() {
    regions.forEach(OutgoingRegion::markDiscarded);
  }

  /** Base pages that were stale at the switchover. */
  long stalePages() {
    long pages = 0;
    for (OutgoingRegion region : regions) {
      pages += region.stalePages();
    }
    return pages;
  }

  /** See {@link OutgoingRegion#markMissing}. */
  void markMissing(OutgoingRegion region, long first, long end) {
    resent.add(region.markMissing(first, end));
  }

  /** Base pages that were sent, did not arrive, and had to be sent again. Any thread. */
  long resentPages() {
    return resent.sum();
  }

  /** Base pages of all unsent units. */
  long unsentPages() {
    return regions.stream()
        .mapToLong(r -> (r.sent().pageCount() - r.sent().count()) * r.unitPages())
        .sum();
  }

  /** Validates a page request; returns its region. */
  OutgoingRegion check(int id, long page) throws WireException {
    if (id < 0 || id >= regions.size()) {
      throw new WireException("a request for region " + id + ", which was not announced");
    }
    OutgoingRegion region = regions.get(id);
    long pages = region.memory().basePageCount();
    if (page < 0 || page >= pages) {
      throw new WireException(
          "a request for page " + page + " of region " + id + ", which has " + pages + " pages");
    }
    return region;
  }
}
