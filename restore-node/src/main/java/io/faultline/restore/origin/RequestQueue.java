package io.faultline.restore.origin;

/**
 * The requests that are not answered yet, in their order: the server answers strictly in order. A
 * ring of primitive values. Confined to the session's event loop.
 */
final class RequestQueue {
  private int[] pids = new int[256];
  private int[] pages = new int[256];
  private long[] addresses = new long[256];
  private int head;
  private int size;
  private long pageCount;

  void add(int pid, long address, int count) {
    if (size == pids.length) {
      grow();
    }
    int at = head + size & pids.length - 1;
    pids[at] = pid;
    addresses[at] = address;
    pages[at] = count;
    size++;
    pageCount += count;
  }

  private void grow() {
    int[] nextPids = new int[size * 2];
    int[] nextPages = new int[size * 2];
    long[] nextAddresses = new long[size * 2];
    for (int i = 0; i < size; i++) {
      int from = head + i & pids.length - 1;
      nextPids[i] = pids[from];
      nextPages[i] = pages[from];
      nextAddresses[i] = addresses[from];
    }
    pids = nextPids;
    pages = nextPages;
    addresses = nextAddresses;
    head = 0;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The pages of all requests. */
  long pageCount() {
    return pageCount;
  }

  /** The process of the oldest request. */
  int pid() {
    return pids[head];
  }

  /** The address of the oldest request. */
  long address() {
    return addresses[head];
  }

  /** The number of pages of the oldest request. */
  int pages() {
    return pages[head];
  }

  /** Removes the oldest request. */
  void remove() {
    pageCount -= pages[head];
    head = head + 1 & pids.length - 1;
    size--;
  }
}
