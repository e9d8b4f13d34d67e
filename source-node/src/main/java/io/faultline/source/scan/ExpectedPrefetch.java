package io.faultline.source.scan;

import io.faultline.memory.PageBitmap;
import java.util.List;

/**
 * Sends pages that the guest is expected to need, such as a working set, when it waits for one of
 * them: those that follow it, and then the first ones. So it waits once for many of them, whichever
 * order it needs them in, and the background brings those for which it does not wait.
 *
 * <p>Confined to the control loop.
 */
final class ExpectedPrefetch {
  /** The most to send with one request: about half a millisecond of work. */
  static final int MAX_UNITS = 128;

  private final List<? extends ScanRegion> regions;
  private final Prefetcher.Sink sink;

  ExpectedPrefetch(List<? extends ScanRegion> regions, Prefetcher.Sink sink) {
    this.regions = regions;
    this.sink = sink;
  }

  /** A unit was requested and answered. Returns the units sent. */
  long send(int region, long unit) {
    long end = regions.get(region).expected().pageCount();
    long sent = send(region, unit + 1, end, MAX_UNITS);
    return sent + send(region, 0, unit, MAX_UNITS - sent);
  }

  private long send(int region, long first, long end, long most) {
    PageBitmap expected = regions.get(region).expected();
    PageBitmap sentUnits = regions.get(region).sent();
    long sent = 0;
    long unit = expected.nextSet(first, end);
    while (unit < end && sent < most) {
      long runEnd = expected.nextClear(unit, end);
      long unsent = sentUnits.nextClear(unit, runEnd);
      if (unsent < runEnd) {
        long claimed = sink.prefetch(region, unsent, Math.min(runEnd - unsent, most - sent));
        sent += claimed;
        unsent += Math.max(1, claimed); // another loop may have claimed it
      }
      unit = expected.nextSet(unsent, end);
    }
    return sent;
  }
}
