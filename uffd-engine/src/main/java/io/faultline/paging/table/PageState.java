package io.faultline.paging.table;

/**
 * The states of a page, four bits of its byte in a {@link StateTable}.
 *
 * <pre>
 *            fill                  write fault
 *  ABSENT ─────────► FILLING ─► CLEAN ─────────► DIRTY ◄─► FLUSHING, FLUSHING_DIRTY
 *    ▲  ▲               ▲  │      │                │
 *    │  └── AHEAD ◄─────┼──┘      │ evict          │ evict
 *    │        │  fault  │         ▼                ▼
 *    │        └─────────┤      (CHANGING)      (CHANGING)
 *    │                  │         │                │
 *    ├──────────────────┼─────────┘                ▼
 *    │                  └────── rescue ───────── STAGED
 *    │   written                                   │
 *    └────────────────────── WRITING ◄─────────────┘
 * </pre>
 *
 * <p>A DIRTY page becomes LOGGED while a write log wants to know of its next store, which makes it
 * DIRTY again. It leaves as a DIRTY one does.
 *
 * <p>FILLING, WANTED and CHANGING are owned by the thread that set them, which leaves them within
 * microseconds, or for FILLING one read of the store. Everybody else waits for that, and changes
 * the other states by compare-and-set.
 */
public final class PageState {
  /** Not in memory; the store has it. */
  public static final int ABSENT = 0;

  /** A thread fills it, and will wake its waiters. */
  public static final int FILLING = 1;

  /** As FILLING; a thread waits for it, so that it must not be held back. */
  public static final int WANTED = 2;

  /** In memory, write-protected, equal to the store. */
  public static final int CLEAN = 3;

  /** In memory, writable. */
  public static final int DIRTY = 4;

  /** In memory, owned by a thread that protects, unprotects or evicts it. */
  public static final int CHANGING = 5;

  /** In the staging ring, not yet being written to the store. */
  public static final int STAGED = 6;

  /** In the staging ring, being written to the store. */
  public static final int WRITING = 7;

  /** In memory, write-protected; a flush writes it. */
  public static final int FLUSHING = 8;

  /** In memory, writable; a flush writes a copy of it. */
  public static final int FLUSHING_DIRTY = 9;

  /** Read ahead, but held back: its fault shows how far the application is. */
  public static final int AHEAD = 10;

  /** The store failed: an access is a memory error. */
  public static final int POISONED = 11;

  /** In memory, write-protected, but newer than the store: its next store will be logged. */
  public static final int LOGGED = 12;

  private static final String[] NAMES = {
    "ABSENT",
    "FILLING",
    "WANTED",
    "CLEAN",
    "DIRTY",
    "CHANGING",
    "STAGED",
    "WRITING",
    "FLUSHING",
    "FLUSHING_DIRTY",
    "AHEAD",
    "POISONED",
    "LOGGED"
  };

  private static final int RESIDENT =
      1 << CLEAN | 1 << DIRTY | 1 << FLUSHING | 1 << FLUSHING_DIRTY | 1 << LOGGED;
  private static final int WRITABLE = 1 << DIRTY | 1 << FLUSHING_DIRTY;
  private static final int FILLING_OR_WANTED = 1 << FILLING | 1 << WANTED;

  private PageState() {}

  /** Whether the page is in memory, and nobody is about to change that. */
  public static boolean isResident(int state) {
    return (RESIDENT >>> state & 1) != 0;
  }

  /** Whether the page is resident and stores do not fault. */
  public static boolean isWritable(int state) {
    return (WRITABLE >>> state & 1) != 0;
  }

  /** Whether it is in memory, nobody writes it to the store, and the store lacks it. */
  public static boolean isDirty(int state) {
    return state == DIRTY || state == LOGGED;
  }

  /** Whether a thread fills it now. */
  public static boolean isFilling(int state) {
    return (FILLING_OR_WANTED >>> state & 1) != 0;
  }

  public static String name(int state) {
    return NAMES[state];
  }
}
