package io.faultline.restore.frozen;

/**
 * Requests of one connection that are not answered yet, in order. Takes them apart into pieces.
 * Allocates nothing. Confined to the connection's loop.
 */
final class RequestQueue {
  /** More are not read from the connection until some are answered. */
  static final int CAPACITY = 4096;

  private static final int MASK = CAPACITY - 1;

  private final int[] regions = new int[CAPACITY];
  private final long[] pages = new long[CAPACITY];
  private final int[] counts = new int[CAPACITY];
  private int first;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  boolean isFull() {
    return size == CAPACITY;
  }

  /** Whether so few are left that more can be read. */
  boolean hasRoom() {
    return size <= CAPACITY / 2;
  }

  /** Appends a request; the queue must not be full. */
  void add(int region, long page, int count) {
    if (isFull()) {
      throw new IllegalStateException("the queue of requests is full");
    }
    int at = (first + size) & MASK;
    regions[at] = region;
    pages[at] = page;
    counts[at] = count;
    size++;
  }

  /** The region of the first request. */
  int region() {
    return regions[first];
  }

  /** The first page that is left of the first request. */
  long page() {
    return pages[first];
  }

  /** The pages that are left of the first request. */
  int count() {
    return counts[first];
  }

  /** Removes pages from the start of the first request, at most all. */
  void take(int number) {
    pages[first] += number;
    counts[first] -= number;
    if (counts[first] == 0) {
      first = (first + 1) & MASK;
      size--;
    }
  }

  void clear() {
    size = 0;
  }
}
