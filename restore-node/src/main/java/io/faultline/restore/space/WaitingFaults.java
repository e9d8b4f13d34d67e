package io.faultline.restore.space;

import java.util.Arrays;

/**
 * The addresses of pages on which threads of one process sleep, as far as they were read and are
 * not resolved. About as many as the process has threads, so a linear search is fastest.
 *
 * <p>Not thread-safe.
 */
final class WaitingFaults {
  private long[] addresses = new long[16];
  private int size;

  void add(long address) {
    for (int i = 0; i < size; i++) {
      if (addresses[i] == address) {
        return;
      }
    }
    if (size == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * size);
    }
    addresses[size++] = address;
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
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (addresses[i] < start || addresses[i] >= end) {
        addresses[kept++] = addresses[i];
      }
    }
    size = kept;
  }

  void clear() {
    size = 0;
  }
}
