package io.faultline.source;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.WireException;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** The memory that is sent. What a peer names in it is checked here. */
final class OutgoingRegions {
  private final List<OutgoingRegion> regions;
  private final List<PageRange> neededFirst;
  private final LongAdder resent = new LongAdder();

  /** All pages are lacking. */
  OutgoingRegions(List<MemoryRegion> memory, Placement placement) {
    this(memory, placement, List.of());
  }

  /**
   * All pages are lacking.
   *
   * @param neededFirst as {@link OutgoingVm#neededFirst}
   * @throws IllegalArgumentException where these are not pages of this memory
   */
  OutgoingRegions(List<MemoryRegion> memory, Placement placement, List<PageRange> neededFirst) {
    regions = memory.stream().map(region -> new OutgoingRegion(region, placement)).toList();
    for (int i = 0; i < regions.size(); i++) {
      MemoryRegion region = memory.get(i);
      if (region.id() != i) {
        throw new IllegalArgumentException(
            "region " + region.name() + " has the id " + region.id() + " at place " + i);
      }
    }
    this.neededFirst = List.copyOf(neededFirst);
    neededFirst.forEach(this::require);
  }

  private void require(PageRange range) {
    if (range.region() < 0
        || range.region() >= regions.size()
        || range.first() < 0
        || range.count() < 1
        || range.count() > pages(range) - range.first()) {
      throw new IllegalArgumentException(range + " is needed first, and is not in the VM's memory");
    }
  }

  private long pages(PageRange range) {
    return regions.get(range.region()).memory().basePageCount();
  }

  /** What goes before anything is asked for. */
  List<PageRange> neededFirst() {
    return neededFirst;
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
    return regions.stream().mapToLong(region -> region.memory().basePageCount()).sum();
  }

  /** Bytes that the destination lacks. */
  long lackingBytes() {
    return regions.stream()
        .mapToLong(region -> region.lacking().count() * region.memory().basePageBytes())
        .sum();
  }

  /** See {@link OutgoingRegion#collect}. */
  void collect(DirtyLog log) {
    for (OutgoingRegion region : regions) {
      region.collect(log);
    }
  }

  /** See {@link OutgoingRegion#settle}. */
  void settle() {
    regions.forEach(OutgoingRegion::settle);
  }

  /** See {@link OutgoingRegion#findDiscards}. */
  long findDiscards() {
    return regions.stream().mapToLong(OutgoingRegion::findDiscards).sum();
  }

  /** See {@link OutgoingRegion#discarding}. */
  void discarding() {
    regions.forEach(OutgoingRegion::discarding);
  }

  /** Base pages that were stale at the switchover. */
  long stalePages() {
    return regions.stream().mapToLong(OutgoingRegion::stalePages).sum();
  }

  /** See {@link OutgoingRegion#resend}. */
  void resend(OutgoingRegion region, long first, long end) {
    resent.add(region.resend(first, end));
  }

  /** Base pages that were sent, did not arrive, and had to be sent again. Any thread. */
  long resentPages() {
    return resent.sum();
  }

  /** Base pages that are not sent. */
  long unsentPages() {
    return regions.stream()
        .mapToLong(r -> (r.sent().pageCount() - r.sent().count()) * r.unitPages())
        .sum();
  }

  /** The region of a page that a peer asks for. */
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
