package io.faultline.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Precopy without a wire: copies the pages that a log tells to a shadow, round by round, while the
 * guest writes. After a last round with the guest stopped, the shadow equals the memory, or the log
 * has lost a write.
 */
final class MiniaturePrecopy implements AutoCloseable {
  private final MemoryRegion region;
  private final DirtyLog log;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment shadow;
  private final PageBitmap dirty;
  private long copied;

  /** Starts the log, then copies everything: what is written from here on has to be told. */
  MiniaturePrecopy(MemoryRegion region, DirtyLog log) {
    this.region = region;
    this.log = log;
    this.shadow = arena.allocate(region.sizeBytes(), region.basePageBytes());
    this.dirty = new PageBitmap(region.basePageCount());
    log.start();
    dirty.setAll();
    copy();
  }

  /** Copies what the log tells; returns pages copied. */
  long round() {
    log.collect(region, dirty);
    return copy();
  }

  private long copy() {
    long pages = 0;
    long pageBytes = region.basePageBytes();
    MemorySegment memory = region.guest().data();
    for (long page = dirty.nextSet(0); page < dirty.pageCount(); page = dirty.nextSet(page)) {
      dirty.clear(page);
      MemorySegment.copy(memory, page * pageBytes, shadow, page * pageBytes, pageBytes);
      pages++;
    }
    copied += pages;
    return pages;
  }

  /** Pages copied in all rounds. */
  long copied() {
    return copied;
  }

  /** The first offset at which the shadow differs from the memory; -1 where they are equal. */
  long difference() {
    return shadow.mismatch(region.guest().data());
  }

  @Override
  public void close() {
    log.close();
    arena.close();
  }
}
