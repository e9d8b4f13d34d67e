package io.faultline.snapshot;

import io.faultline.memory.PageBitmap;

/**
 * Protects all memory while the VM runs; what is written meanwhile is marked and protected again,
 * at last in the pause. So the pause grows with the writes of the last pass, not with memory.
 *
 * <p>The lock makes one step of marking a block and releasing it, as of taking its mark and
 * protecting it: a block without a mark is protected.
 */
final class Arming {
  /** Blocks per call while the VM runs: others may change mappings in between. */
  private static final int STEP_BLOCKS = 256;

  /** Passes over what was written, while the VM runs. */
  private static final int MAX_PASSES = 6;

  /** So few that the pause does not matter: some 15 us each. */
  private static final long FEW_BLOCKS = 48;

  private final ProtectedMemory memory;
  private final Object lock = new Object();
  private boolean captured;

  Arming(ProtectedMemory memory) {
    this.memory = memory;
  }

  /** While the VM runs, and its faults are served. */
  void arm() {
    for (ProtectedRegion region : memory.regions) {
      for (long block = 0; block < region.blocks; block += STEP_BLOCKS) {
        region.protect(block, Math.min(region.blocks, block + STEP_BLOCKS));
      }
    }
    long before = Long.MAX_VALUE;
    long marked = marked();
    for (int pass = 0; pass == 0 || (pass < MAX_PASSES && marked > FEW_BLOCKS); pass++) {
      if (marked >= before) {
        return;
      }
      before = marked;
      long _ = protectMarked(); // once in any case: the pause finds this code warm
      marked = marked();
    }
  }

  private long marked() {
    long marked = 0;
    for (ProtectedRegion region : memory.regions) {
      marked += region.marked.count();
    }
    return marked;
  }

  /**
   * In the pause: after it, all memory is protected, and a write fault is one of the snapshot.
   *
   * @return the bytes that were protected again
   */
  long capture() {
    synchronized (lock) {
      captured = true;
      return protectMarked();
    }
  }

  /**
   * By the thread that serves faults.
   *
   * @return false if all memory is captured: the caller must save the block before releasing it
   */
  boolean markAndRelease(ProtectedRegion region, int block) {
    synchronized (lock) {
      if (captured) {
        return false;
      }
      region.marked.claim(block);
      region.release(block, block + 1);
      return true;
    }
  }

  private long protectMarked() {
    long bytes = 0;
    for (ProtectedRegion region : memory.regions) {
      bytes += protectMarked(region);
    }
    return bytes;
  }

  private long protectMarked(ProtectedRegion region) {
    PageBitmap marked = region.marked;
    long bytes = 0;
    for (long at = marked.nextSet(0); at < region.blocks; at = marked.nextSet(at)) {
      synchronized (lock) {
        long end = Math.min(marked.nextClear(at), at + STEP_BLOCKS);
        marked.clear(at, end);
        region.protect(at, end);
        bytes += region.bytes(at, end);
        at = end;
      }
    }
    return bytes;
  }
}
