package io.faultline.restore.remote;

/**
 * Each answer makes room for a request: while answers are being read, several requests are sent
 * with one write. Confined to the session's loop.
 */
final class DeferredFlush {
  private static final int MOST = 32;

  private final Runnable flush;
  private boolean isReading;
  private int deferred;

  DeferredFlush(Runnable flush) {
    this.flush = flush;
  }

  /** An answer has arrived, and more may be read. */
  void reading() {
    isReading = true;
  }

  /** All answers that have arrived were read. */
  void endRead() {
    isReading = false;
    if (deferred > 0) {
      now();
    }
  }

  /** Requests are to be sent: now, or with those of the next answers. */
  void request() {
    if (isReading && deferred < MOST) {
      deferred++;
    } else {
      now();
    }
  }

  private void now() {
    deferred = 0;
    flush.run();
  }
}
