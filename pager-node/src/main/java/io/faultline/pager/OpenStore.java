package io.faultline.pager;

import io.faultline.paging.PageStore;
import io.faultline.paging.store.StoreRange;
import java.util.ArrayList;
import java.util.List;

/**
 * A store that is open, with the parts of it that regions use. Regions that only read may use the
 * same part; otherwise no two do. Guarded by {@link Stores}.
 */
final class OpenStore {
  private final String name;
  private final PageStore store;
  private final Runnable closing;
  private final List<Part> parts = new ArrayList<>();

  /**
   * @param name of the store, for clients
   * @param closing frees what the store holds
   */
  OpenStore(String name, PageStore store, Runnable closing) {
    this.name = name;
    this.store = store;
    this.closing = closing;
  }

  /** A part that a region uses. */
  record Part(long start, long bytes, boolean isWritable, StoreRange range) {}

  /**
   * Takes the part that a region needs.
   *
   * @param pageBytes by less than which the region may reach beyond the end of the store
   * @throws RefusedException if it cannot have it; the message says why
   */
  Part take(RegionRequest region, long pageBytes) throws RefusedException {
    if (region.isWritable() && store.isReadOnly()) {
      throw new RefusedException(
          "the store "
              + name
              + " is open for reading, since regions that are not writable use it: try again once"
              + " they are closed, or map it with \"writable\":false");
    }
    long start = region.storeOffset();
    long left = store.sizeBytes() - start;
    if (left <= region.sizeBytes() - pageBytes) {
      throw new RefusedException(
          "the store "
              + name
              + " has "
              + Math.max(0, left)
              + " bytes from offset "
              + start
              + " on, and the region "
              + region.sizeBytes()
              + ": enlarge the store, or map less");
    }
    for (Part other : parts) {
      checkApart(region, other);
    }
    StoreRange range = StoreRange.of(store, start, Math.min(left, region.sizeBytes()));
    Part part = new Part(start, region.sizeBytes(), region.isWritable(), range);
    parts.add(part);
    return part;
  }

  private void checkApart(RegionRequest region, Part other) throws RefusedException {
    boolean overlap =
        RegionRequest.overlap(region.storeOffset(), region.sizeBytes(), other.start, other.bytes);
    if (overlap && (region.isWritable() || other.isWritable)) {
      throw new RefusedException(
          "the store "
              + name
              + " is in use from offset "
              + other.start
              + ", "
              + other.bytes
              + " bytes: use another part of it, or another store");
    }
  }

  String name() {
    return name;
  }

  /** Gives up a part. */
  void giveUp(Part part) {
    parts.remove(part); // of equal ones each has a range of its own
  }

  boolean isUsed() {
    return !parts.isEmpty();
  }

  void close() {
    closing.run();
  }
}
