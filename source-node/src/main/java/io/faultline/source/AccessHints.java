package io.faultline.source;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Where the guest was seen last, one place for each access stream: told by the control loop, looked
 * at by the bulk loop whenever it chooses what to send. A place that is replaced before anybody
 * looked is lost, as it is meant to be.
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

  private final AtomicLongArray places = new AtomicLongArray(AccessStreams.COUNT);

  AccessHints() {
    for (int i = 0; i < places.length(); i++) {
      places.setPlain(i, NONE);
    }
  }

  /**
   * Any thread: the guest is about to come to a place.
   *
   * @param confirmed whether it is known to go on upward from there
   */
  void tell(int stream, int region, long basePage, boolean confirmed) {
    long flag = confirmed ? 1L << CONFIRMED_SHIFT : 0;
    places.setRelease(stream, flag | ((long) region << REGION_SHIFT) | basePage);
  }

  /** The place of a stream as it is now, or {@link #NONE}. */
  long look(int stream) {
    return places.getAcquire(stream);
  }

  static boolean isConfirmed(long place) {
    return place >>> CONFIRMED_SHIFT == 1;
  }

  static int region(long place) {
    return (int) (place >>> REGION_SHIFT) & REGION_MASK;
  }

  static long basePage(long place) {
    return place & ((1L << REGION_SHIFT) - 1);
  }
}
