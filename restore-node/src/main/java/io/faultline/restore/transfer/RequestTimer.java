package io.faultline.restore.transfer;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

/**
 * Accounts for requests in their window, and measures one of those in flight at a time. Confined to
 * the session's event loop.
 */
final class RequestTimer {
  private final RequestWindow window = new RequestWindow();

  /** The request that is being measured; -1: none. */
  private int pid = -1;

  private long page;
  private long sentNanos;
  private long answeredBytes;

  RequestWindow window() {
    return window;
  }

  /** Whether the next request is to be measured. */
  boolean isIdle() {
    return pid < 0;
  }

  /** This request is measured, until its first page is answered. */
  void start(int ofPid, long firstPage, long nowNanos) {
    pid = ofPid;
    page = firstPage;
    sentNanos = nowNanos;
  }

  void requested(int count) {
    window.requested((long) count * PAGE_BYTES);
  }

  /** Pages were answered, or will not be. */
  void answered(int ofPid, long first, int count, long nowNanos) {
    long bytes = (long) count * PAGE_BYTES;
    window.settled(bytes);
    answeredBytes += bytes;
    if (pid == ofPid && page >= first && page < first + count) {
      window.measured(nowNanos - sentNanos, answeredBytes);
      pid = -1;
      answeredBytes = 0;
    }
  }
}
