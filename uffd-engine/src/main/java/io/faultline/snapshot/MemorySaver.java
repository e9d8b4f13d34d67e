package io.faultline.snapshot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Saves all memory: walks it in order, in large writes straight from protected memory, and appends
 * what the ring has in between. Confined to one thread.
 */
final class MemorySaver {
  private static final int STEP_BYTES = 1 << 20;
  private static final long WAIT_NANOS = 50_000;

  private final ProtectedMemory memory;
  private final BlockRing ring;
  private final PageWriter pages;
  private final PresentPages present;
  private final BooleanSupplier mustEnd;

  /**
   * @param present which pages are there; for this alone
   * @param mustEnd whether to end early
   */
  MemorySaver(
      ProtectedMemory memory,
      BlockRing ring,
      PageWriter pages,
      PresentPages present,
      BooleanSupplier mustEnd) {
    this.memory = memory;
    this.present = present;
    this.ring = ring;
    this.pages = pages;
    this.mustEnd = mustEnd;
  }

  /** Returns when no block is protected any more and all are in the file, or when it must end. */
  void saveAll() throws IOException {
    for (ProtectedRegion region : memory.regions) {
      walk(region);
    }
    for (ProtectedRegion region : memory.regions) {
      awaitCopies(region);
    }
    drain();
  }

  private void walk(ProtectedRegion region) throws IOException {
    int step = (int) Math.max(1, STEP_BYTES / region.blockBytes);
    int block = 0;
    while (block < region.blocks && !mustEnd.getAsBoolean()) {
      int taken = region.takeRun(block, step);
      if (taken == 0) {
        block++; // copied for a fault
      } else {
        save(region, block, block + taken);
        block += taken;
      }
      if (ring.isHalfFull()) {
        drain();
      }
    }
  }

  private void save(ProtectedRegion region, int first, int end) throws IOException {
    MemorySegment contents = region.contents(first, end);
    long page = region.firstPage(first);
    long at = 0;
    present.find(region, first, end);
    for (int run = 0; run < present.count(); run++) {
      addBase(region, page, at, present.start(run));
      at = present.end(run);
      add(region, page, contents, 0, present.start(run), at);
    }
    addBase(region, page, at, contents.byteSize());
    pages.write(contents);
    region.setSaved(first, end);
    region.release(first, end);
  }

  /** Adds a part of some blocks, in bytes after the first page. */
  private void add(
      ProtectedRegion region, long page, MemorySegment from, long offset, long start, long end) {
    long first = page + start / region.memory.basePageBytes();
    pages.add(region.index, first, from, offset + start, end - start);
  }

  private void addBase(ProtectedRegion region, long page, long start, long end) {
    pages.addBase(region.index, page + start / region.memory.basePageBytes(), end - start);
  }

  /** The last blocks that faults have taken: being copied, or waiting for room in the ring. */
  private void awaitCopies(ProtectedRegion region) throws IOException {
    int block = 0;
    while ((block = region.nextUnsaved(block)) < region.blocks && !mustEnd.getAsBoolean()) {
      drain();
      LockSupport.parkNanos(this, WAIT_NANOS);
    }
  }

  /** Appends what the ring has, in writes of up to 1 MiB. */
  private void drain() throws IOException {
    int most = (int) Math.max(1, STEP_BYTES / ring.slotBytes());
    for (int left = ring.size(); left > 0; ) {
      int count = Math.min(Math.min(left, most), ring.contiguous());
      int first = ring.first();
      MemorySegment contents = ring.contents(first, count);
      for (int i = 0; i < count; i++) {
        addSlot(first + i, contents, i * ring.slotBytes());
      }
      pages.write(contents);
      ring.remove(count);
      left -= count;
    }
  }

  private void addSlot(int slot, MemorySegment contents, long offset) {
    ProtectedRegion region = ring.region(slot);
    int block = ring.block(slot);
    long first = region.firstPage(block);
    long bytes = region.bytes(block, block + 1L);
    long unit = region.memory.pageBytes();
    for (long at = 0; at < bytes; ) {
      long start = at;
      boolean present = ring.isPresent(slot, (int) (at / unit));
      do {
        at += unit;
      } while (at < bytes && ring.isPresent(slot, (int) (at / unit)) == present);
      if (present) {
        add(region, first, contents, offset, start, at);
      } else {
        addBase(region, first, start, at);
      }
    }
  }
}
