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
  private final BooleanSupplier mustEnd;

  /**
   * @param mustEnd whether to end early
   */
  MemorySaver(ProtectedMemory memory, BlockRing ring, PageWriter pages, BooleanSupplier mustEnd) {
    this.memory = memory;
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
    pages.add(region.index, region.firstPage(first), contents, 0, contents.byteSize());
    pages.write(contents);
    region.setSaved(first, end);
    region.release(first, end);
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
        ProtectedRegion region = ring.region(first + i);
        int block = ring.block(first + i);
        long bytes = region.bytes(block, block + 1L);
        pages.add(region.index, region.firstPage(block), contents, i * ring.slotBytes(), bytes);
      }
      pages.write(contents);
      ring.remove(count);
      left -= count;
    }
  }
}
