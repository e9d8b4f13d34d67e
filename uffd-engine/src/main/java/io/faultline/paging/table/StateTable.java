package io.faultline.paging.table;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * One byte per page, in native memory:
 *
 * <pre>
 *    7        6    4   3      0
 *  +--------+--------+---------+
 *  | queued |  pins  |  state  |
 *  +--------+--------+---------+
 * </pre>
 *
 * <p>Queued: a run of the eviction rings contains the page. Pins: the number of holders that need
 * the page to stay in memory; of an {@link PageState#ABSENT} page its <i>ghost</i>: when it was
 * evicted.
 *
 * <p>Every change is one compare-and-set, so a page is pinned and evicted by the same atomic step.
 * The unit of the hardware is the word of eight pages.
 *
 * <p>Thread-safe. No method waits.
 */
public final class StateTable {
  /** The maximum number of pins of a page. */
  public static final int MAX_PINS = 7;

  /** The largest ghost; 0 is none. */
  public static final int MAX_GHOST = 7;

  private static final int STATE = 0x0f;
  private static final int ONE_PIN = 0x10;
  private static final int PINS = 0x70;
  private static final int QUEUED = 0x80;
  private static final int NONE = -1;

  private final StateWords words;
  private final long pages;

  public StateTable(Arena arena, long pages) {
    this(arena, pages, null);
  }

  /**
   * @param beforeChange called before each compare-and-set: a test chooses the interleaving there
   */
  public StateTable(Arena arena, long pages, @Nullable Runnable beforeChange) {
    this.pages = pages;
    this.words = new StateWords(arena, pages, beforeChange);
  }

  public long pages() {
    return pages;
  }

  /** The state of a page, which may change at any time unless the caller owns the page. */
  public int state(long page) {
    return get(page) & STATE;
  }

  public int pins(long page) {
    int value = get(page);
    return (value & STATE) == PageState.ABSENT ? 0 : (value & PINS) / ONE_PIN;
  }

  public boolean isQueued(long page) {
    return (get(page) & QUEUED) != 0;
  }

  /** Changes a state and keeps pins. False if the page has another state. */
  public boolean change(long page, int from, int to) {
    int value = get(page);
    while ((value & STATE) == from) {
      if (cas(page, value, (value & ~STATE) | to)) {
        return true;
      }
      value = get(page);
    }
    return false;
  }

  /** As {@link #change}, but false if the page is pinned. */
  public boolean changeUnpinned(long page, int from, int to) {
    int value = get(page);
    while ((value & (STATE | PINS)) == from) {
      if (cas(page, value, (value & QUEUED) | to)) {
        return true;
      }
      value = get(page);
    }
    return false;
  }

  /**
   * Takes an absent page to fill it.
   *
   * @return its ghost, or -1 if the page has another state
   */
  public int take(long page) {
    int value = get(page);
    while ((value & STATE) == PageState.ABSENT) {
      if (cas(page, value, (value & QUEUED) | PageState.FILLING)) {
        return (value & PINS) / ONE_PIN;
      }
      value = get(page);
    }
    return NONE;
  }

  /** Makes a page absent that the caller owns. */
  public void setAbsent(long page, int ghost) {
    int value;
    do {
      value = get(page);
    } while (!cas(page, value, (value & QUEUED) | ghost * ONE_PIN | PageState.ABSENT));
  }

  /**
   * Makes a page absent again that the caller has taken.
   *
   * @return whether a thread waits for it (WANTED), which the caller must wake
   */
  public boolean leaveAbsent(long page, int ghost) {
    int value;
    do {
      value = get(page);
    } while (!cas(page, value, (value & QUEUED) | ghost * ONE_PIN | PageState.ABSENT));
    return (value & STATE) == PageState.WANTED;
  }

  /**
   * Ends the caller's ownership of a page, whether it is FILLING, WANTED or CHANGING.
   *
   * @return which of them it was
   */
  public int settle(long page, int to) {
    int value;
    do {
      value = get(page);
    } while (!cas(page, value, (value & ~STATE) | to));
    return value & STATE;
  }

  /** Marks a page as part of a run. False if it was already. */
  public boolean enqueue(long page) {
    return flag(page, QUEUED);
  }

  /** Marks a page as part of no run. False if it was not part of one. */
  public boolean dequeue(long page) {
    int value = get(page);
    while ((value & QUEUED) != 0) {
      if (cas(page, value, value & ~QUEUED)) {
        return true;
      }
      value = get(page);
    }
    return false;
  }

  /**
   * Pins a resident page.
   *
   * @param write whether it must be writable too
   * @return false if it is not so now, or has {@link #MAX_PINS} pins
   */
  public boolean pin(long page, boolean write) {
    int value = get(page);
    while (isFit(value & STATE, write) && (value & PINS) != PINS) {
      if (cas(page, value, value + ONE_PIN)) {
        return true;
      }
      value = get(page);
    }
    return false;
  }

  /** Whether a page has {@link #MAX_PINS} pins. */
  public boolean isFull(long page) {
    return pins(page) == MAX_PINS;
  }

  public void unpin(long page) {
    int value;
    do {
      value = get(page);
      if ((value & PINS) == 0 || (value & STATE) == PageState.ABSENT) {
        throw new IllegalStateException("page " + page + " is not pinned: " + describe(page));
      }
    } while (!cas(page, value, value - ONE_PIN));
  }

  // Consecutive pages, up to eight by one compare-and-set

  /**
   * Takes absent pages to fill them, until one has another state.
   *
   * @param direction 1 for the pages from the first on, -1 for those up to it
   * @return their number
   */
  public int takeRun(long first, int count, int direction) {
    return words.change(
        first, count, direction, STATE, PageState.ABSENT, QUEUED, PageState.FILLING);
  }

  /** As {@link #changeUnpinned} for pages from the first on, until it is false; their number. */
  public int changeUnpinnedRun(long first, int count, int from, int to) {
    return words.change(first, count, 1, STATE | PINS, from, QUEUED, to);
  }

  /** Marks pages from the first on as part of a run, until one is part of one; their number. */
  public int enqueueRun(long first, int count) {
    return words.change(first, count, 1, QUEUED, 0, STATE | PINS, QUEUED);
  }

  /** Marks pages from the first on as part of no run, until one is part of none; their number. */
  public int dequeueRun(long first, int count) {
    return words.change(first, count, 1, QUEUED, QUEUED, STATE | PINS, 0);
  }

  /** Makes pages absent that the caller owns. */
  public void setAbsent(long first, int count, int ghost) {
    int _ = words.change(first, count, 1, 0, 0, QUEUED, ghost * ONE_PIN | PageState.ABSENT);
  }

  /**
   * Ends the caller's ownership of the first of these pages, at most eight.
   *
   * @return how many, and from bit 8 on a bit for each that was WANTED
   */
  public int settleSome(long first, int count, int to) {
    int pages = StateWords.inWord(first, count, 1);
    long old = words.replace(first, pages, PINS | QUEUED, to);
    int wanted = 0;
    for (int i = 0; i < pages; i++) {
      wanted |= ((old >>> (8 * i)) & STATE) == PageState.WANTED ? 1 << i : 0;
    }
    return pages | (wanted << 8);
  }

  /** The byte of a page in human-readable form. */
  public String describe(long page) {
    int value = get(page);
    String queued = (value & QUEUED) == 0 ? "" : ", queued";
    return PageState.name(value & STATE) + " " + (value & PINS) / ONE_PIN + queued;
  }

  private static boolean isFit(int state, boolean write) {
    return write ? PageState.isWritable(state) : PageState.isResident(state);
  }

  private boolean flag(long page, int bit) {
    int value = get(page);
    while ((value & bit) == 0) {
      if (cas(page, value, value | bit)) {
        return true;
      }
      value = get(page);
    }
    return false;
  }

  private int get(long page) {
    return words.get(page);
  }

  /** Replaces the byte of a page; false if it is not {@code from} any more. */
  private boolean cas(long page, int from, int to) {
    return words.compareAndSet(page, from, to);
  }
}
