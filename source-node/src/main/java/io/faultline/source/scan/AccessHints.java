package io.faultline.source.scan;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The guest's latest position in each access stream. Written by the control loop, read by the bulk
 * loop before each step of the scan. A position that is overwritten before it is read is lost, on
 * purpose.
 *
 * <pre>
 *   63   62          61     40 39          0
 *  +----+-----------+---------+-------------+
 *  | 0  | confirmed | region  | base page   |    NONE: -1
 *  +----+-----------+---------+-------------+
 * </pre>
 */
final class AccessHints {
  static final long NONE = -1;

  private static final int REGION_SHIFT = 40;
  private static final int CONFIRMED_SHIFT = 62;
  private static final int REGION_MASK = (1 << (CONFIRMED_SHIFT - REGION_SHIFT)) - 1;

  private final AtomicLongArray hints = new AtomicLongArray(AccessStreams.COUNT);

  AccessHints() {
    for (int i = 0; i < hints.length(); i++) {
      hints.setPlain(i, NONE);
    }
  }

  /**
   * Publishes where the guest will be next. Any thread.
   *
   * @param confirmed whether the guest is known to go on upward from there
   */
  void publish(int stream, int region, long basePage, boolean confirmed) {
    long flag = confirmed ? 1L << CONFIRMED_SHIFT : 0;
    hints.setRelease(stream, flag | ((long) region << REGION_SHIFT) | basePage);
  }

  /** The current hint of a stream, or {@link #NONE}. Any thread. */
  long get(int stream) {
    return hints.getAcquire(stream);
  }

  static boolean isConfirmed(long hint) {
    return hint >>> CONFIRMED_SHIFT == 1;
  }

  static int region(long hint) {
    return (int) (hint >>> REGION_SHIFT) & REGION_MASK;
  }

  static long basePage(long hint) {
    return hint & ((1L << REGION_SHIFT) - 1);
  }
}
