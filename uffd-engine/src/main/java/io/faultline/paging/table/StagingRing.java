package io.faultline.paging.table;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which page each slot of the staging memory holds, and the runs in it in the order in which they
 * were evicted. A run has consecutive slots.
 *
 * <pre>
 *   slots:   freed ──►  [ run ][ run ][ run ][ run ]  ──► reserved
 *                       claimed by    oldest unclaimed:
 *                       writers       written next
 * </pre>
 *
 * <p>One thread adds runs; writers claim them in order and release them in any order; any thread
 * finds the slot of a page that it owns, and clears it once it has taken the page out. A lock
 * guards what writers do, never a call of the kernel or of a store.
 */
public final class StagingRing {
  private static final long NONE = -1;
  private static final long HOLE = -2;

  private final int slots;
  private final AtomicLongArray pageOfSlot;
  private final long[] runs;
  private final int[] slotOfRun;
  private final int[] skippedBefore;
  private final boolean[] released;
  private volatile long added;
  private volatile long claimed;
  private volatile long removed;
  private volatile long freedSlots;
  private volatile long reservedSlots;
  private volatile Batch[] batches = {};
  private int skipped;

  /** Runs that are one, which a writer has claimed. Confined to the writer. */
  public static final class Batch {
    private long begin;
    private long end;
    private long run;
    private int slot;

    /** The pages that may be being written; others read it. */
    private volatile long inFlight = RunRing.EMPTY;

    private Batch() {}

    public boolean isEmpty() {
      return begin == end;
    }

    /** All its pages as one run. */
    public long run() {
      return run;
    }

    /** The slot of its first page; the others follow. */
    public int slot() {
      return slot;
    }

    /** The number of runs that were added to the ring. */
    public int runs() {
      return (int) (end - begin);
    }

    /**
     * Declares whether its pages may be being written to the store, whether they were rescued
     * meanwhile or not: set before they are taken, until the write has ended.
     */
    public void setInFlight(boolean isInFlight) {
      inFlight = isInFlight ? run : RunRing.EMPTY;
    }

    private boolean mayWrite(int region, long first, int count) {
      long pages = inFlight;
      return pages != RunRing.EMPTY
          && Run.region(pages) == region
          && Run.first(pages) < first + count
          && first < Run.first(pages) + Run.count(pages);
    }
  }

  public StagingRing(int slots) {
    this.slots = slots;
    pageOfSlot = new AtomicLongArray(slots);
    for (int i = 0; i < slots; i++) {
      pageOfSlot.setPlain(i, NONE);
    }
    runs = new long[slots];
    slotOfRun = new int[slots];
    skippedBefore = new int[slots];
    released = new boolean[slots];
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

  // Writers

  /** A batch for a writer to claim runs with. */
  public synchronized Batch newBatch() {
    Batch batch = new Batch();
    Batch[] more = Arrays.copyOf(batches, batches.length + 1);
    more[batches.length] = batch;
    batches = more;
    return batch;
  }

  /** Whether a writer has something to claim. */
  public boolean hasUnclaimed() {
    return claimed != added;
  }

  /**
   * Claims the oldest run, and those that continue it in their region and in the ring. Its pages
   * are declared in flight.
   *
   * @param batch an empty one
   * @param mostPages the maximum that the runs have together, unless the oldest alone has more
   * @return false if there is none
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  public synchronized boolean claim(Batch batch, int mostPages) {
    assert batch.isEmpty() : batch.run;
    if (claimed == added) {
      return false;
    }
    int oldest = (int) (claimed % slots);
    int pages = Run.count(runs[oldest]);
    long at = claimed + 1;
    while (at < added && continues((int) ((at - 1) % slots), (int) (at % slots))) {
      int more = Run.count(runs[(int) (at % slots)]);
      if (pages + more > mostPages) {
        break;
      }
      pages += more;
      at++;
    }
    batch.run = Run.of(Run.region(runs[oldest]), Run.first(runs[oldest]), pages);
    batch.slot = slotOfRun[oldest];
    batch.setInFlight(true);
    batch.begin = claimed;
    batch.end = at;
    claimed = at;
    return true;
  }

  private boolean continues(int index, int next) {
    int count = Run.count(runs[index]);
    return Run.region(runs[next]) == Run.region(runs[index])
        && Run.first(runs[next]) == Run.first(runs[index]) + count
        && slotOfRun[next] == slotOfRun[index] + count;
  }

  /**
   * Whether an older write of a page of a batch may be in flight: it was rescued from that, and
   * staged again since.
   */
  public synchronized boolean mustWait(Batch batch) {
    for (Batch other : batches) {
      if (other.begin < batch.begin
          && other.mayWrite(Run.region(batch.run), Run.first(batch.run), Run.count(batch.run))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Gives back a batch, all slots of which must be clear. Its slots are free once older ones are.
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
  public synchronized void release(Batch batch) {
    batch.setInFlight(false);
    for (long i = batch.begin; i < batch.end; i++) {
      released[(int) (i % slots)] = true;
    }
    batch.begin = batch.end;
    while (removed < claimed && released[(int) (removed % slots)]) {
      int index = (int) (removed % slots);
      released[index] = false;
      freedSlots = freedSlots + skippedBefore[index] + Run.count(runs[index]);
      removed = removed + 1;
    }
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

  /** Whether a slot has a page: which stays so if the caller owns the page. */
  public boolean has(int slot, int region, long page) {
    return slot < slots && pageOfSlot.get(slot) == Run.of(region, page, 1);
  }

  /**
   * Whether pages may be being written with contents that are out of date. Pages that the caller
   * owns, or that cannot be staged now, will not be again once this is false.
   */
  public boolean isBeingWritten(int region, long first, int count) {
    for (Batch batch : batches) {
      if (batch.mayWrite(region, first, count)) {
        return true;
      }
    }
    return false;
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
