package io.faultline.paging.table;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Recognises sequential accesses, forward and backward, among the faults of all regions, and
 * chooses how many pages to read for each: one for a fault that continues no stream, then four
 * times as many with each fault that does.
 *
 * <p>Of a stream that is read ahead it remembers the page that was held back ({@link
 * PageState#AHEAD}): its fault shows that the application has arrived there, and the next pages
 * should be read.
 *
 * <p>Thread-safe. A spin lock protects a scan of a few entries, never a call of the kernel.
 */
public final class StreamTable {
  /** The number of streams. */
  public static final int STREAMS = 32;

  /** Returned for no page and no entry. */
  public static final int NONE = -1;

  private static final long HELD_NANOS = 20_000;
  private static final int GROWTH = 4;
  private static final int DIRECTION_SHIFT = 16;
  private static final int ENTRY_SHIFT = 32;

  /** The page that a stream holds back. */
  private enum Held {
    NOTHING,
    /** A thread reads ahead now. */
    RESERVED,
    PAGE,
    /** A thread places the page now. */
    TAKEN
  }

  /** Gives up a page that was held back. */
  @FunctionalInterface
  public interface AheadPages {
    /** Makes the page absent. False if a thread has just taken it. */
    boolean drop(int region, long page);
  }

  private static final class Entry {
    int region = NONE;
    long forwardEdge;
    long backwardEdge;
    int direction;
    int window;
    long lastUse;
    Held held = Held.NOTHING;
    long heldPage;

    boolean continuesForward(int inRegion, long page) {
      return region == inRegion
          && direction >= 0
          && page >= forwardEdge
          && page < forwardEdge + window;
    }

    boolean continuesBackward(int inRegion, long page) {
      return region == inRegion
          && direction <= 0
          && page <= backwardEdge
          && page > backwardEdge - window;
    }
  }

  private final AtomicBoolean locked = new AtomicBoolean();
  private final Entry[] entries = new Entry[STREAMS];
  private final int maxWindow;
  private final AheadPages aheadPages;
  private long uses;

  /**
   * @param maxWindow in pages; 1 recognises no streams
   */
  public StreamTable(int maxWindow, AheadPages aheadPages) {
    this.maxWindow = maxWindow;
    this.aheadPages = aheadPages;
    for (int i = 0; i < STREAMS; i++) {
      entries[i] = new Entry();
    }
  }

  // What to fill for a fault, packed into a long

  /** The number of pages to fill. */
  public static int window(long plan) {
    return (int) (plan & 0xffff);
  }

  /** 1 for the pages from the fault on, -1 for those up to it, 0 for a single page. */
  public static int direction(long plan) {
    return (int) (plan >>> DIRECTION_SHIFT & 3) - 1;
  }

  /** The stream. */
  public static int entry(long plan) {
    return (int) (plan >>> ENTRY_SHIFT);
  }

  /** As {@link #plan(int, long, boolean)}, for accesses of which nothing is known. */
  public long plan(int region, long page) {
    return plan(region, page, false);
  }

  /**
   * Notes a fault on a page that has to be read.
   *
   * @param isAnnounced whether a page that continues no stream begins one, forward, with the widest
   *     window
   */
  public long plan(int region, long page, boolean isAnnounced) {
    lock();
    try {
      for (int i = 0; i < STREAMS; i++) {
        Entry entry = entries[i];
        boolean forward = entry.continuesForward(region, page);
        if (forward || entry.continuesBackward(region, page)) {
          entry.direction = forward ? 1 : -1;
          entry.window = Math.min(maxWindow, entry.window * GROWTH);
          entry.lastUse = ++uses;
          return plan(i, entry.window == 1 ? 0 : entry.direction, entry.window);
        }
      }
      int entry = start(region, page);
      if (!isAnnounced || entry == STREAMS) {
        return plan(entry, 0, 1);
      }
      entries[entry].direction = 1;
      entries[entry].window = maxWindow;
      return plan(entry, maxWindow == 1 ? 0 : 1, maxWindow);
    } finally {
      unlock();
    }
  }

  private static long plan(int entry, int direction, int window) {
    return (long) entry << ENTRY_SHIFT | (long) (direction + 1) << DIRECTION_SHIFT | window;
  }

  /** Replaces the stream that was not used for longest. */
  private int start(int region, long page) {
    int oldest = NONE;
    for (int i = 0; i < STREAMS; i++) {
      Held held = entries[i].held;
      boolean free = held == Held.NOTHING || held == Held.PAGE;
      if (free && (oldest == NONE || entries[i].lastUse < entries[oldest].lastUse)) {
        oldest = i;
      }
    }
    if (oldest == NONE || !release(entries[oldest])) {
      return STREAMS; // an entry that does not exist: this fault starts no stream
    }
    Entry entry = entries[oldest];
    entry.region = region;
    entry.forwardEdge = page + 1;
    entry.backwardEdge = page - 1;
    entry.direction = 0;
    entry.window = 1;
    entry.lastUse = ++uses;
    return oldest;
  }

  private boolean release(Entry entry) {
    if (entry.held == Held.PAGE && !aheadPages.drop(entry.region, entry.heldPage)) {
      return false;
    }
    entry.held = Held.NOTHING;
    return true;
  }

  /** Notes that a stream's pages up to this one were filled, in its direction. */
  public void filled(int index, int region, long first, int count) {
    lock();
    try {
      if (index < STREAMS && entries[index].region == region) {
        Entry entry = entries[index];
        if (entry.direction >= 0) {
          entry.forwardEdge = first + count;
        }
        if (entry.direction <= 0) {
          entry.backwardEdge = first - 1;
        }
      }
    } finally {
      unlock();
    }
  }

  /** The direction of a stream: 1, -1, or 0 if it is not known yet. */
  public int direction(int index) {
    lock();
    try {
      return index < STREAMS ? entries[index].direction : 0;
    } finally {
      unlock();
    }
  }

  // Reading ahead

  /**
   * Begins to read ahead, four times as many pages as before. If it does, {@link #hold} or {@link
   * #cancel} must follow.
   *
   * @return the plan, or {@link #NONE} if the stream is not established or already was read ahead
   */
  public long beginAhead(int index, int region, int leastWindow) {
    lock();
    try {
      if (index >= STREAMS) {
        return NONE;
      }
      Entry entry = entries[index];
      boolean established = entry.direction != 0 && entry.window >= leastWindow;
      if (entry.region != region || entry.held != Held.NOTHING || !established) {
        return NONE;
      }
      entry.held = Held.RESERVED;
      entry.window = Math.min(maxWindow, entry.window * GROWTH);
      return plan(index, entry.direction, entry.window);
    } finally {
      unlock();
    }
  }

  /** The first page to read ahead, after {@link #beginAhead}. */
  public long edge(int index) {
    lock();
    try {
      Entry entry = entries[index];
      return entry.direction > 0 ? entry.forwardEdge : entry.backwardEdge;
    } finally {
      unlock();
    }
  }

  /** Notes the page that is held back, before its state becomes {@link PageState#AHEAD}. */
  public void hold(int index, long page) {
    lock();
    try {
      entries[index].heldPage = page;
      entries[index].held = Held.PAGE;
    } finally {
      unlock();
    }
  }

  /** Notes that no page is held back, or not any more. */
  public void cancel(int index) {
    lock();
    try {
      entries[index].held = Held.NOTHING;
    } finally {
      unlock();
    }
  }

  /**
   * Takes a page that was held back and that the caller owns. {@link #cancel} must follow.
   *
   * @return its stream
   */
  public int take(int region, long page) {
    lock();
    try {
      for (int i = 0; i < STREAMS; i++) {
        Entry entry = entries[i];
        if (entry.held == Held.PAGE && entry.region == region && entry.heldPage == page) {
          entry.held = Held.TAKEN;
          entry.lastUse = ++uses;
          return i;
        }
      }
      throw new IllegalStateException("page " + page + " of region " + region + " is not held");
    } finally {
      unlock();
    }
  }

  private void lock() {
    int spins = 0;
    while (!locked.compareAndSet(false, true)) {
      if (++spins % 100 == 0) {
        LockSupport.parkNanos(HELD_NANOS); // its holder does not run
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private void unlock() {
    locked.set(false);
  }
}
