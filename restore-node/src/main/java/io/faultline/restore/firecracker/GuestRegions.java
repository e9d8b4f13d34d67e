package io.faultline.restore.firecracker;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The memory of a guest. Immutable and thread-safe. */
final class GuestRegions {
  private final GuestRegion[] regions;

  GuestRegions(List<GuestRegion> regions) {
    this.regions =
        regions.stream()
            .sorted(Comparator.comparingLong(GuestRegion::address))
            .toArray(GuestRegion[]::new);
  }

  /** The regions, by address. */
  List<GuestRegion> all() {
    return List.of(regions);
  }

  /** The region of an address; null if there is none. */
  @Nullable GuestRegion find(long address) {
    for (GuestRegion region : regions) { // Firecracker has at most three
      if (region.contains(address)) {
        return region;
      }
    }
    return null;
  }

  /** The region that a page of the memory file belongs to; null if there is none. */
  @Nullable GuestRegion ofFilePage(long page) {
    for (GuestRegion region : regions) {
      if (page >= region.firstFilePage() && page < region.endFilePage()) {
        return region;
      }
    }
    return null;
  }

  long lengthBytes() {
    long bytes = 0;
    for (GuestRegion region : regions) {
      bytes += region.lengthBytes();
    }
    return bytes;
  }
}
