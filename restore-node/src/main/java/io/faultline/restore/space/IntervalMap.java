package io.faultline.restore.space;

import java.util.Arrays;

/**
 * Maps intervals of page numbers to intervals of page numbers of the same length: sorted arrays, so
 * that 100,000 intervals take 2.4 MB and cloning them is a copy of memory.
 *
 * <p>Not thread-safe.
 */
final class IntervalMap {
  /** Receives the parts of intervals that a removal cut out. */
  interface Removed {
    void part(long key, long value, long count);
  }

  private long[] keys;
  private long[] values;
  private long[] counts;
  private int size;

  IntervalMap(int capacity) {
    keys = new long[Math.max(4, capacity)];
    values = new long[keys.length];
    counts = new long[keys.length];
  }

  private IntervalMap(IntervalMap other) {
    keys = other.keys.clone();
    values = other.values.clone();
    counts = other.counts.clone();
    size = other.size;
  }

  IntervalMap copy() {
    return new IntervalMap(this);
  }

  int size() {
    return size;
  }

  /** The value of a key; -1 if it has none. */
  long get(long key) {
    int index = floor(key);
    long offset = index < 0 ? 0 : key - keys[index];
    return index < 0 || offset >= counts[index] ? -1 : values[index] + offset;
  }

  /** How many keys from this one on have successive values, at least 1. The key has a value. */
  long runLength(long key) {
    int index = floor(key);
    return keys[index] + counts[index] - key;
  }

  /** The first key at or after {@code key} that has a value; {@link Long#MAX_VALUE} if none. */
  long nextKey(long key) {
    int index = floor(key);
    if (index >= 0 && key < keys[index] + counts[index]) {
      return key;
    }
    return index + 1 < size ? keys[index + 1] : Long.MAX_VALUE;
  }

  /**
   * Adds an interval.
   *
   * @throws IllegalArgumentException if it overlaps one that is there
   */
  void put(long key, long value, long count) {
    int at = floor(key) + 1;
    boolean overlapsBefore = at > 0 && keys[at - 1] + counts[at - 1] > key;
    if (overlapsBefore || (at < size && keys[at] < key + count)) {
      throw new IllegalArgumentException(
          String.format("interval of %d at 0x%x overlaps another", count, key));
    }
    insert(at, key, value, count);
  }

  /** Removes all keys of a range; the parts that were there go to {@code removed}, ascending. */
  void remove(long key, long count, Removed removed) {
    long end = key + count;
    int first = Math.max(0, floor(key));
    while (first < size && keys[first] + counts[first] <= key) {
      first++;
    }
    if (first < size && keys[first] < key) { // keep its head: split
      long head = key - keys[first];
      insert(first + 1, key, values[first] + head, counts[first] - head);
      counts[first++] = head;
    }
    int last = first;
    while (last < size && keys[last] < end) {
      long taken = Math.min(counts[last], end - keys[last]);
      removed.part(keys[last], values[last], taken);
      if (taken < counts[last]) { // keep its tail
        keys[last] += taken;
        values[last] += taken;
        counts[last] -= taken;
        break;
      }
      last++;
    }
    delete(first, last);
  }

  private void insert(int at, long key, long value, long count) {
    if (size == keys.length) {
      int length = size + size / 2;
      keys = Arrays.copyOf(keys, length);
      values = Arrays.copyOf(values, length);
      counts = Arrays.copyOf(counts, length);
    }
    shift(at, at + 1);
    keys[at] = key;
    values[at] = value;
    counts[at] = count;
    size++;
  }

  private void delete(int first, int last) {
    if (last > first) {
      shift(last, first);
      size -= last - first;
    }
  }

  private void shift(int from, int to) {
    System.arraycopy(keys, from, keys, to, size - from);
    System.arraycopy(values, from, values, to, size - from);
    System.arraycopy(counts, from, counts, to, size - from);
  }

  /** The last interval that starts at or before a key; -1 if there is none. */
  private int floor(long key) {
    int found = Arrays.binarySearch(keys, 0, size, key);
    return found >= 0 ? found : -found - 2;
  }
}
