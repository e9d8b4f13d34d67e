package io.faultline.dest.recording;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds out which run of pages resolved each fault: the first one that maps the page of the fault
 * and ends after the fault was read. A fault on a page that was mapped before, and never again, was
 * read at the moment in which the other loop mapped it.
 */
final class FaultJoin {
  private final FaultLog faults;
  private final List<PlacementLog> logs;

  /** Events of {@link #faults}, by page, then by time. */
  private final Integer[] byPage;

  private final long[] latencyNanos;
  private final int[] kinds;

  private FaultJoin(FaultLog faults, List<PlacementLog> logs) {
    this.faults = faults;
    this.logs = logs;
    byPage = new Integer[faults.size()];
    Arrays.setAll(byPage, i -> i);
    Arrays.sort(byPage, Comparator.comparingLong(faults::page)); // stable: by time for each page
    latencyNanos = new long[byPage.length];
    kinds = new int[byPage.length];
  }

  static ResolvedFaults of(FaultLog faults, List<PlacementLog> logs) {
    FaultJoin join = new FaultJoin(faults, logs);
    join.markUnresolved();
    join.resolveByRuns();
    long[] readNanos = new long[faults.size()];
    long[] pages = new long[faults.size()];
    Arrays.setAll(readNanos, faults::readNanos);
    Arrays.setAll(pages, faults::page);
    return new ResolvedFaults(
        readNanos, pages, join.latencyNanos, join.kinds, faults.overwritten());
  }

  private void markUnresolved() {
    for (int i = 0; i < kinds.length; i++) {
      boolean local = faults.isLocal(i);
      latencyNanos[i] = local ? 0 : -1;
      kinds[i] = (local ? FaultKind.LOCAL : FaultKind.UNKNOWN).ordinal();
    }
  }

  /** A run of a later time never replaces what one of an earlier time resolved. */
  private void resolveByRuns() {
    int[] next = new int[logs.size()];
    while (true) {
      int earliest = -1;
      for (int i = 0; i < next.length; i++) {
        boolean more = next[i] < logs.get(i).size();
        if (more && (earliest < 0 || nanos(i, next[i]) - nanos(earliest, next[earliest]) < 0)) {
          earliest = i;
        }
      }
      if (earliest < 0) {
        return;
      }
      resolveBy(logs.get(earliest), next[earliest]++);
    }
  }

  private long nanos(int log, int event) {
    return logs.get(log).nanos(event);
  }

  private void resolveBy(PlacementLog log, int run) {
    long first = log.firstPage(run);
    long end = first + log.count(run);
    for (int i = firstAt(first); i < byPage.length && faults.page(byPage[i]) < end; i++) {
      int fault = byPage[i];
      if (faults.isLocal(fault) || latencyNanos[fault] > 0) {
        continue;
      }
      long latency = log.nanos(run) - faults.readNanos(fault);
      latencyNanos[fault] = Math.max(0, latency);
      FaultKind kind = latency > 0 ? log.kind(run) : FaultKind.PREFETCHED;
      kinds[fault] = kind.ordinal();
    }
  }

  /** The first place in {@link #byPage} with at least this page. */
  private int firstAt(long page) {
    int low = 0;
    int high = byPage.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (faults.page(byPage[middle]) < page) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
