package io.faultline.snapshot;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Copies of blocks on their way from the thread that serves faults to the one that saves. Its size
 * bounds the memory of a snapshot: a fault that finds it full waits. One producer, one consumer.
 */
final class BlockRing implements AutoCloseable {
  private static final int ALIGNMENT = 4096;
  private static final long WAIT_NANOS = 1_000_000;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment slots;
  private final long slotBytes;
  private final int capacity;
  private final ProtectedRegion[] regions;
  private final int[] blocks;

  /** By slot: which pages of the backing the block has; the others are those of the base. */
  private final int[] present;

  /** Of the producer. */
  private final PresentPages pages;

  /** Counts of blocks, which wrap round; their difference is what the ring contains. */
  private final AtomicInteger added = new AtomicInteger();

  private final AtomicInteger removed = new AtomicInteger();
  private volatile @Nullable Thread waiting;
  private volatile boolean abandoned;
  private long waits;

  /**
   * @param slotBytes the size of the largest block
   * @param bytes its size, rounded up to a power of two of slots
   * @param pages which pages a block has; for the producer alone
   */
  BlockRing(long slotBytes, long bytes, PresentPages pages) {
    this.pages = pages;
    this.slotBytes = slotBytes;
    this.capacity = Integer.highestOneBit((int) Math.max(2, bytes / slotBytes));
    this.slots = arena.allocate(capacity * slotBytes, ALIGNMENT);
    this.regions = new ProtectedRegion[capacity];
    this.blocks = new int[capacity];
    this.present = new int[capacity];
  }

  /**
   * Copies a block that this thread has taken. Waits while the ring is full.
   *
   * @return false if the snapshot was abandoned; the block is not in the ring then
   */
  boolean add(ProtectedRegion region, int block) {
    int count = added.get();
    if (isFull(count) && !awaitRoom(count)) {
      return false;
    }
    int slot = count & (capacity - 1);
    present[slot] = copy(region, block, slot * slotBytes);
    regions[slot] = region;
    blocks[slot] = block;
    added.setRelease(count + 1);
    return true;
  }

  /** Copies the pages that are there, and returns which. */
  private int copy(ProtectedRegion region, int block, long to) {
    MemorySegment from = region.contents(block, block + 1);
    long pageBytes = region.memory.pageBytes();
    int copied = 0;
    pages.find(region, block, block + 1);
    for (int run = 0; run < pages.count(); run++) {
      long start = pages.start(run);
      long end = pages.end(run);
      MemorySegment.copy(from, start, slots, to + start, end - start);
      for (long page = start / pageBytes; page < end / pageBytes; page++) {
        copied |= 1 << page;
      }
    }
    return copied;
  }

  private boolean isFull(int count) {
    return count - removed.getAcquire() == capacity;
  }

  private boolean awaitRoom(int count) {
    waits++;
    waiting = Thread.currentThread();
    while (isFull(count) && !abandoned) {
      LockSupport.parkNanos(this, WAIT_NANOS);
    }
    waiting = null;
    return !abandoned;
  }

  /** The number of blocks in it. */
  int size() {
    return added.getAcquire() - removed.get();
  }

  boolean isHalfFull() {
    return size() >= capacity / 2;
  }

  /** The slot of the oldest block. */
  int first() {
    return removed.get() & (capacity - 1);
  }

  /** The number of blocks that follow each other in memory, from the oldest one on. */
  int contiguous() {
    return Math.min(size(), capacity - first());
  }

  ProtectedRegion region(int slot) {
    return regions[slot];
  }

  int block(int slot) {
    return blocks[slot];
  }

  /** Whether a page of the backing, counted from the beginning of the block, is in the slot. */
  boolean isPresent(int slot, int page) {
    return (present[slot] & 1 << page) != 0;
  }

  /** The contents of slots, each {@link #slotBytes} after the one before it. */
  MemorySegment contents(int slot, int count) {
    return slots.asSlice(slot * slotBytes, count * slotBytes);
  }

  long slotBytes() {
    return slotBytes;
  }

  /** Forgets the oldest blocks, and lets the producer go on. */
  void remove(int count) {
    removed.setRelease(removed.get() + count);
    LockSupport.unpark(waiting);
  }

  /** No fault waits any more: the snapshot has failed. */
  void abandon() {
    abandoned = true;
    LockSupport.unpark(waiting);
  }

  /** How often a fault found it full; once the producer has ended. */
  long waits() {
    return waits;
  }

  /** Once both threads have ended. */
  @Override
  public void close() {
    arena.close();
  }
}
