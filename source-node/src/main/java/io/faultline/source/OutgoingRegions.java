package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.proto.WireException;
import java.util.List;

/**
 * The memory that is being sent, and the one truth about what was: a bit for each page, claimed
 * before the page is sent, on whichever connection.
 */
final class OutgoingRegions {
  private final List<MemoryRegion> regions;
  private final PageBitmap[] sent;

  OutgoingRegions(List<MemoryRegion> regions) {
    this.regions = List.copyOf(regions);
    this.sent = new PageBitmap[regions.size()];
    for (int i = 0; i < sent.length; i++) {
      MemoryRegion region = regions.get(i);
      if (region.id() != i) {
        throw new IllegalArgumentException(
            "region " + region.name() + " has the id " + region.id() + " at place " + i);
      }
      sent[i] = new PageBitmap(region.pageCount());
    }
  }

  int count() {
    return sent.length;
  }

  MemoryRegion region(int id) {
    return regions.get(id);
  }

  List<MemoryRegion> all() {
    return regions;
  }

  PageBitmap sent(int id) {
    return sent[id];
  }

  long totalPages() {
    return regions.stream().mapToLong(MemoryRegion::pageCount).sum();
  }

  long totalBytes() {
    return regions.stream().mapToLong(MemoryRegion::sizeBytes).sum();
  }

  /** Holds a page that the peer named to what was announced to it. */
  void check(int region, long page) throws WireException {
    if (region < 0 || region >= sent.length) {
      throw new WireException("a request for region " + region + ", which was not announced");
    }
    if (page < 0 || page >= sent[region].pageCount()) {
      throw new WireException(
          "a request for page "
              + page
              + " of region "
              + region
              + ", which has "
              + sent[region].pageCount()
              + " pages");
    }
  }
}
