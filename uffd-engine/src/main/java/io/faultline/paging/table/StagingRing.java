package io.faultline.paging.table;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which page each slot of the staging memory holds, and the runs in it in the order in which they
 * were evicted. A run has consecutive slots.
 *
 * <pre>
 *   slots:   freed ──►  [ run ][ run ][ run ]  ──► reserved
 *                       oldest: written next
 * </pre>
 *
 * <p>One thread adds runs, one removes them; any thread finds the slot of a page that it owns, and
 * clears it once it has taken the page out.
 */
public final class StagingRing {
  private static final long NONE = -1;
  private static final long HOLE = -2;

  private final int slots;
  private final AtomicLongArray pageOfSlot;
  private final long[] runs;
  private final int[] slotOfRun;
  private final int[] skippedBefore;
  private volatile long added;
  private volatile long removed;
  private volatile long freedSlots;
  private volatile long reservedSlots;
  private volatile long beingWritten = RunRing.EMPTY;
  private int skipped;

  public StagingRing(int slots) {
    this.slots = slots;
    pageOfSlot = new AtomicLongArray(slots);
    for (int i = 0; i < slots; i++) {
      pageOfSlot.setPlain(i, NONE);
    }
    runs = new long[slots];
    slotOfRun = new int[slots];
    skippedBefore = new int[slots];
  }

  public int slots() {
    return slots;
  }

  // The thread that adds

  /**
   * Finds consecutive free slots, without taking them: {@link #add} does.
   *
   * @param wanted the maximum number
   * @return the number, 0 if the ring is full; they start at {@link #nextSlot}
   */
  public int available(int wanted) {
    int free = (int) (slots - (reservedSlots - freedSlots));
    int at = (int) (reservedSlots % slots);
    int toEnd = slots - at;
    skipped = 0;
    if (toEnd < Math.min(wanted, free) && toEnd < slots - toEnd && free - toEnd >= toEnd) {
      skipped = toEnd; // more fit at the start of the memory
      return Math.min(wanted, free - toEnd);
    }
    return Math.min(wanted, Math.min(free, toEnd));
  }

  /** The first of the slots that {@link #available} found. */
  public int nextSlot() {
    return (int) ((reservedSlots + skipped) % slots);
  }

  /** Names the page of a slot, before the page is moved there. */
  public void name(int slot, int region, long page) {
    pageOfSlot.set(slot, Run.of(region, page, 1));
  }

  /** Adds a run in the slots from {@link #nextSlot} on. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread adds
  public void add(long run) {
    int index = (int) (added % slots);
    runs[index] = run;
    slotOfRun[index] = nextSlot();
    skippedBefore[index] = skipped;
    reservedSlots = reservedSlots + skipped + Run.count(run);
    skipped = 0;
    added = added + 1;
  }

  /** The number of runs ever added: a run is in the store once {@link #removed} has passed it. */
  public long added() {
    return added;
  }

  // The thread that removes

  /** The oldest run, or {@link RunRing#EMPTY}. */
  public long oldest() {
    return removed == added ? RunRing.EMPTY : runs[(int) (removed % slots)];
  }

  /** The first slot of the oldest run. */
  public int slotOfOldest() {
    return slotOfRun[(int) (removed % slots)];
  }

  /**
   * The number of runs, from the oldest on, that are one: each continues the last in its region and
   * in the ring.
   *
   * @param mostPages the maximum that they have together, unless the oldest alone has more
   */
  public int joined(int mostPages) {
    long end = added;
    long at = removed + 1;
    int pages = Run.count(runs[(int) (removed % slots)]);
    while (at < end && continues((int) ((at - 1) % slots), (int) (at % slots))) {
      pages += Run.count(runs[(int) (at % slots)]);
      if (pages > mostPages) {
        break;
      }
      at++;
    }
    return (int) (at - removed);
  }

  private boolean continues(int index, int next) {
    int count = Run.count(runs[index]);
    return Run.region(runs[next]) == Run.region(runs[index])
        && Run.first(runs[next]) == Run.first(runs[index]) + count
        && slotOfRun[next] == slotOfRun[index] + count;
  }

  /** The number of pages of the oldest runs together. */
  public int pages(int runCount) {
    int pages = 0;
    for (int i = 0; i < runCount; i++) {
      pages += Run.count(runs[(int) ((removed + i) % slots)]);
    }
    return pages;
  }

  /**
   * The number of consecutive slots that still have a page frame; all must be clear. Forgets which
   * are holes.
   */
  public int takeFrames(int slot, int count) {
    int frames = 0;
    for (int i = slot; i < slot + count; i++) {
      frames += pageOfSlot.getAndSet(i, NONE) == NONE ? 1 : 0;
    }
    return frames;
  }

  /** Removes the oldest run, all slots of which must be clear. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread removes
  public void remove() {
    int index = (int) (removed % slots);
    freedSlots = freedSlots + skippedBefore[index] + Run.count(runs[index]);
    removed = removed + 1;
  }

  /**
   * Declares which pages may be being written to the store, whether they were rescued meanwhile or
   * not: a set before they are taken, and {@link RunRing#EMPTY} once the write has ended.
   */
  public void setBeingWritten(long run) {
    beingWritten = run;
  }

  /** The number of runs ever removed. */
  public long removed() {
    return removed;
  }

  // Any thread

  /** The slot of a page that the caller owns, or -1. */
  public int find(int region, long page) {
    long key = Run.of(region, page, 1);
    for (int slot = 0; slot < slots; slot++) {
      if (pageOfSlot.getOpaque(slot) == key && pageOfSlot.get(slot) == key) {
        return slot;
      }
    }
    return -1;
  }

  /**
   * Whether pages may be being written with contents that are out of date. Pages that the caller
   * owns, or that cannot be staged now, will not be again once this is false.
   */
  public boolean isBeingWritten(int region, long first, int count) {
    long run = beingWritten;
    return run != RunRing.EMPTY
        && Run.region(run) == region
        && Run.first(run) < first + count
        && first < Run.first(run) + Run.count(run);
  }

  public boolean isClear(int slot) {
    return pageOfSlot.get(slot) < 0;
  }

  /** Declares that the contents of a slot are not needed any more. */
  public void clear(int slot) {
    pageOfSlot.set(slot, NONE);
  }

  /** As {@link #clear}, for a slot that has lost its page frame. */
  public void clearHole(int slot) {
    pageOfSlot.set(slot, HOLE);
  }

  public boolean isEmpty() {
    return added == removed;
  }
}
