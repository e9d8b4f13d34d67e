package io.faultline.paging;

import org.jspecify.annotations.Nullable;

/**
 * The call of a store that a thread makes now, for {@link StoreWatch}. The thread begins and ends
 * calls; any thread may look.
 */
final class StoreCall {
  private @Nullable Region region;
  private PagingError.Kind kind = PagingError.Kind.READ;
  private long first;
  private long count;

  /** 0 while there is no call; written after the other fields. */
  private volatile long begunNanos;

  /** That of the last call that was reported. */
  private long reportedNanos;

  void begin(Region inRegion, PagingError.Kind ofKind, long firstPage, long pages) {
    region = inRegion;
    kind = ofKind;
    first = firstPage;
    count = pages;
    begunNanos = System.nanoTime() | 1;
  }

  void end() {
    begunNanos = 0;
  }

  /** Whether a call is in progress since before a time, for a region or, if null, for any. */
  boolean isOlder(long nanos, @Nullable Region ofRegion) {
    long begun = begunNanos;
    return begun != 0 && begun - nanos < 0 && (ofRegion == null || ofRegion.equals(region));
  }

  /** Whether a call of a region is in progress. */
  boolean isOf(Region ofRegion) {
    return begunNanos != 0 && ofRegion.equals(region);
  }

  /** Reports a call once. */
  void report(PagerContext pager) {
    long begun = begunNanos;
    Region of = region;
    if (begun != 0 && begun != reportedNanos && of != null) {
      reportedNanos = begun;
      pager.report(of, kind, first, count, describe(of));
    }
  }

  private String describe(Region of) {
    String what = kind == PagingError.Kind.READ ? "read" : "write";
    return of
        + ": its store, "
        + of.store
        + ", does not return from a "
        + what
        + " of "
        + of.bytes(first, count)
        + " bytes at "
        + of.offset(first)
        + ": whatever needs it waits";
  }
}
