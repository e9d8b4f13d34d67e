package io.faultline.restore.space;

import java.util.Arrays;

/**
 * The addresses of pages on which threads of one process sleep, as far as they were read and are
 * not resolved. About as many as the process has threads, so a linear search is fastest.
 *
 * <p>Not thread-safe.
 */
final class WaitingFaults {
  private final FaultLatencies latencies;
  private long[] addresses = new long[16];
  private long[] sinceNanos = new long[16];
  private int size;

  /**
   * @param latencies of those that are resolved
   */
  WaitingFaults(FaultLatencies latencies) {
    this.latencies = latencies;
  }

  void add(long address) {
    for (int i = 0; i < size; i++) {
      if (addresses[i] == address) {
        return;
      }
    }
    if (size == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * size);
      sinceNanos = Arrays.copyOf(sinceNanos, 2 * size);
    }
    addresses[size] = address;
    sinceNanos[size] = latencies.now();
    size++;
  }

  int size() {
    return size;
  }

  long get(int index) {
    return addresses[index];
  }

  /** Whether a thread sleeps in a range. */
  boolean isAnyIn(long start, long end) {
    for (int i = 0; i < size; i++) {
      if (addresses[i] >= start && addresses[i] < end) {
        return true;
      }
    }
    return false;
  }

  /** The range is resolved. */
  void removeIn(long start, long end) {
    if (size == 0) {
      return;
    }
    long now = latencies.now();
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (addresses[i] < start || addresses[i] >= end) {
        addresses[kept] = addresses[i];
        sinceNanos[kept] = sinceNanos[i];
        kept++;
      } else {
        latencies.resolved(sinceNanos[i], now);
      }
    }
    size = kept;
  }

  void clear() {
    size = 0;
  }
}
