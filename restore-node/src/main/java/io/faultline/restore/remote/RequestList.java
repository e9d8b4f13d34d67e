package io.faultline.restore.remote;

/**
 * Requests in order, each for pages of one process. Grows to what is open at the same time, and
 * allocates nothing then. Confined to the session's loop.
 */
final class RequestList {
  private static final int LEAST = 64;

  private int[] pids = new int[LEAST];
  private long[] pages = new long[LEAST];
  private int[] counts = new int[LEAST];
  private boolean[] urgent = new boolean[LEAST];
  private int first;
  private int size;
  private long pageSum;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** The pages of all requests. */
  long pageSum() {
    return pageSum;
  }

  void add(int pid, long page, int count, boolean isUrgent) {
    if (size == pids.length) {
      grow();
    }
    int at = (first + size) & (pids.length - 1);
    pids[at] = pid;
    pages[at] = page;
    counts[at] = count;
    urgent[at] = isUrgent;
    size++;
    pageSum += count;
  }

  /** The process of the first request. */
  int pid() {
    return pids[first];
  }

  /** The first page that is open of the first request: its address divided by the page size. */
  long page() {
    return pages[first];
  }

  /** The number of pages that are open of the first request. */
  int count() {
    return counts[first];
  }

  boolean isUrgent() {
    return urgent[first];
  }

  /** Removes pages from the start of the first request, at most all. */
  void take(int number) {
    pages[first] += number;
    counts[first] -= number;
    pageSum -= number;
    if (counts[first] == 0) {
      first = (first + 1) & (pids.length - 1);
      size--;
    }
  }

  /** Moves all requests to the end of another list. */
  void moveTo(RequestList other) {
    while (size > 0) {
      other.add(pid(), page(), count(), isUrgent());
      take(count());
    }
  }

  void clear() {
    size = 0;
    pageSum = 0;
  }

  private void grow() {
    int length = 2 * pids.length;
    int[] newPids = new int[length];
    long[] newPages = new long[length];
    int[] newCounts = new int[length];
    boolean[] newUrgent = new boolean[length];
    for (int i = 0; i < size; i++) {
      int at = (first + i) & (pids.length - 1);
      newPids[i] = pids[at];
      newPages[i] = pages[at];
      newCounts[i] = counts[at];
      newUrgent[i] = urgent[at];
    }
    pids = newPids;
    pages = newPages;
    counts = newCounts;
    urgent = newUrgent;
    first = 0;
  }
}
