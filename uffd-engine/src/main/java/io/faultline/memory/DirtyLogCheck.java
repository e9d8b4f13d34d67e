package io.faultline.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Checks that a dirty log loses no write, for the tests of an implementation: copies memory within
 * this process, round by round, while the guest writes. After a last round with the guest stopped,
 * the copy equals the memory unless the log has lost a write.
 *
 * <p>Reads the guest mapping with plain loads, so no page of it may be missing in a userfaultfd.
 *
 * <p>Confined to one thread at a time.
 */
public final class DirtyLogCheck implements AutoCloseable {
  private final MemoryRegion region;
  private final DirtyLog log;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment copy;
  private final PageBitmap dirty;
  private long copied;

  /**
   * Starts the log, then copies everything: the log must report all later writes.
   *
   * @param log closed with this
   */
  public DirtyLogCheck(MemoryRegion region, DirtyLog log) {
    this.region = region;
    this.log = log;
    this.copy = arena.allocate(region.sizeBytes(), region.basePageBytes());
    this.dirty = new PageBitmap(region.basePageCount());
    log.start();
    dirty.setAll();
    copy();
  }

  /** Copies the pages that the log reports since the last round; returns their number. */
  public long round() {
    log.collect(region, dirty);
    return copy();
  }

  private long copy() {
    long pages = 0;
    long pageBytes = region.basePageBytes();
    MemorySegment memory = region.guest().data();
    for (long page = dirty.nextSet(0); page < dirty.pageCount(); page = dirty.nextSet(page)) {
      dirty.clear(page);
      MemorySegment.copy(memory, page * pageBytes, copy, page * pageBytes, pageBytes);
      pages++;
    }
    copied += pages;
    return pages;
  }

  /** The number of pages copied in all rounds, the first copy of everything included. */
  public long copied() {
    return copied;
  }

  /** The first offset in bytes at which the copy differs from the memory; -1 if they are equal. */
  public long difference() {
    return copy.mismatch(region.guest().data());
  }

  @Override
  public void close() {
    log.close();
    arena.close();
  }
}
