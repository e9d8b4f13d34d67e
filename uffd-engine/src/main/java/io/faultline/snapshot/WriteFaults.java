package io.faultline.snapshot;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import org.jspecify.annotations.Nullable;

/**
 * The thread that serves write faults. Before the pause it releases the block and marks it; after
 * it, it copies the block to the ring first.
 */
final class WriteFaults implements Runnable {
  private static final int POLL_MILLIS = 20;
  private static final int EVENTS = 64;

  private final ProtectedMemory memory;
  private final Arming arming;
  private final BlockRing ring;
  private final EventBuffer events = new EventBuffer(EVENTS);
  private volatile boolean stopped;
  private volatile @Nullable Throwable failure;
  private long armFaults;
  private long faults;
  private long copiedBytes;
  private long serviceNanos;

  WriteFaults(ProtectedMemory memory, Arming arming, BlockRing ring) {
    this.memory = memory;
    this.arming = arming;
    this.ring = ring;
  }

  /** Ends the thread within the time of a poll. */
  void stop() {
    stopped = true;
  }

  /** Why it ended by itself: nobody serves faults any more. */
  @Nullable Throwable failure() {
    return failure;
  }

  @Override
  public void run() {
    try {
      while (!stopped) {
        memory.uffd.awaitReadable(POLL_MILLIS);
        serveAll();
      }
    } catch (RuntimeException | Error e) {
      failure = e;
      memory.releaseAll(); // nobody serves those who wait
    }
  }

  private void serveAll() {
    while (memory.uffd.read(events) > 0) {
      long start = System.nanoTime();
      for (int i = 0; i < events.size(); i++) {
        if (events.type(i) == EventType.PAGE_FAULT) {
          serve(events.address(i), start);
        }
      }
    }
  }

  private void serve(long address, long start) {
    ProtectedRegion region = memory.find(address);
    if (region == null) {
      throw new IllegalStateException(
          String.format("a write fault at 0x%x, which is in no region", address));
    }
    int block = region.blockOf(address);
    if (arming.markAndRelease(region, block)) {
      armFaults++;
      return;
    }
    faults++;
    if (region.take(block)) {
      if (!ring.add(region, block)) {
        return; // abandoned: all protection is removed soon
      }
      copiedBytes += region.bytes(block, block + 1L);
      region.setSaved(block, block + 1);
      region.release(block, block + 1L);
    } else if (region.isSaved(block)) {
      region.release(block, block + 1L); // released before this fault was served
    } // else the thread that saves it releases it
    serviceNanos += System.nanoTime() - start;
  }

  /** Faults before the pause. These figures are for when the thread has ended. */
  long armFaults() {
    return armFaults;
  }

  long faults() {
    return faults;
  }

  long copiedBytes() {
    return copiedBytes;
  }

  long serviceNanos() {
    return serviceNanos;
  }
}
