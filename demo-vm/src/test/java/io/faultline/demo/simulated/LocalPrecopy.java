package io.faultline.demo.simulated;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Precopy within this process: copies dirty pages to a shadow in rounds while the guest writes.
 * After a last round with the guest paused, the shadow equals the memory, or the log has missed a
 * write.
 */
final class LocalPrecopy implements AutoCloseable {
  private final MemoryRegion region;
  private final DirtyLog log;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment shadow;
  private final PageBitmap dirty;
  private long copied;

  /** Starts the log, then copies everything: later writes must appear in the log. */
  LocalPrecopy(MemoryRegion region, DirtyLog log) {
    this.region = region;
    this.log = log;
    this.shadow = arena.allocate(region.sizeBytes(), region.basePageBytes());
    this.dirty = new PageBitmap(region.basePageCount());
    log.start();
    dirty.setAll();
    copy();
  }

  /** Copies the dirty pages; returns how many. */
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

  /** The first offset at which the shadow differs from the memory; -1 if they are equal. */
  long difference() {
    return shadow.mismatch(region.guest().data());
  }

  @Override
  public void close() {
    log.close();
    arena.close();
  }
}
