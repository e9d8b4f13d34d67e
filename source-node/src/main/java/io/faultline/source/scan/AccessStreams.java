package io.faultline.source.scan;

import io.faultline.memory.PageBitmap;
import java.util.Arrays;

/**
 * Recognises sequential and strided access in the pages that the guest requests. Follows up to
 * {@value #COUNT} streams at a time; a new one replaces the least recently used. The source does
 * not know which vCPU a request comes from, so streams are distinguished by their position only.
 *
 * <p>A request belongs to a stream if it lies on the stream's path: at a multiple of the stride
 * that the window has just covered, or at the end of a run of pages that have all been sent. Such a
 * request confirms the stream and doubles its window, as Linux readahead does. A request near a
 * stream, but off its path, gives the stream a new stride and no window. Any other request starts a
 * new stream.
 *
 * <p>Positions are in units. Does not allocate. Confined to the control loop.
 */
final class AccessStreams {
  static final int COUNT = 8;

  /** The window of a stream that was confirmed once. Each further confirmation doubles it. */
  static final int FIRST_WINDOW = 8;

  /** A request this near to the last one of a stream may show its stride. */
  private static final long NEAR = 256;

  private static final int NONE = -1;

  private final int maxWindow;

  /** The longest run of sent units that a stream can cross in one step. */
  private final long maxJump;

  private final int[] region = new int[COUNT];
  private final long[] last = new long[COUNT];
  private final long[] stride = new long[COUNT];
  private final int[] window = new int[COUNT];
  private final long[] usedAt = new long[COUNT];
  private long clock;

  /**
   * @param maxWindow in units, at least {@link #FIRST_WINDOW}
   */
  AccessStreams(int maxWindow) {
    this.maxWindow = maxWindow;
    this.maxJump = 4L * maxWindow;
    Arrays.fill(region, NONE);
  }

  /**
   * Assigns a request to a stream.
   *
   * @param sent the units sent before
   * @return the stream
   */
  int requested(int inRegion, long unit, PageBitmap sent) {
    int stream = at(inRegion, unit);
    if (stream != NONE) {
      usedAt[stream] = ++clock; // another vCPU waits for the same page
      return stream;
    }
    stream = onPath(inRegion, unit, sent);
    if (stream != NONE) {
      window[stream] = Math.min(maxWindow, Math.max(FIRST_WINDOW, 2 * window[stream]));
    } else {
      stream = near(inRegion, unit);
      if (stream == NONE) {
        stream = leastRecentlyUsed();
        region[stream] = inRegion;
        stride[stream] = 0;
      } else {
        stride[stream] = unit - last[stream];
      }
      window[stream] = 0;
    }
    last[stream] = unit;
    usedAt[stream] = ++clock;
    return stream;
  }

  /** Whether the last request was on the stream's path, so that the next is likely to be, too. */
  boolean isConfirmed(int stream) {
    return window[stream] > 0;
  }

  /** Units worth sending ahead; 0 if the stream is not confirmed. */
  int window(int stream) {
    return window[stream];
  }

  /** Units from one access to the next; negative if downward. Valid if the stream is confirmed. */
  long stride(int stream) {
    return stride[stream];
  }

  private int at(int inRegion, long unit) {
    for (int i = 0; i < COUNT; i++) {
      if (region[i] == inRegion && last[i] == unit) {
        return i;
      }
    }
    return NONE;
  }

  private int onPath(int inRegion, long unit, PageBitmap sent) {
    for (int i = 0; i < COUNT; i++) {
      if (region[i] == inRegion && isOnPathOf(i, unit, sent)) {
        return i;
      }
    }
    return NONE;
  }

  private boolean isOnPathOf(int stream, long unit, PageBitmap sent) {
    long distance = unit - last[stream];
    long step = stride[stream];
    if (step != 0 && distance % step == 0) {
      long steps = distance / step;
      if (steps > 0 && steps <= window[stream] + 1L) {
        return true;
      }
    }
    boolean upward = step <= 1 && step >= 0 && distance > 0 && distance <= maxJump;
    if (upward && sent.isFull(last[stream] + 1, unit)) {
      stride[stream] = 1;
      return true;
    }
    return false;
  }

  private int near(int inRegion, long unit) {
    int nearest = NONE;
    long nearestDistance = NEAR + 1;
    for (int i = 0; i < COUNT; i++) {
      long distance = Math.abs(unit - last[i]);
      if (region[i] == inRegion && distance < nearestDistance) {
        nearest = i;
        nearestDistance = distance;
      }
    }
    return nearest;
  }

  private int leastRecentlyUsed() {
    int oldest = 0;
    for (int i = 1; i < COUNT; i++) {
      if (usedAt[i] < usedAt[oldest]) {
        oldest = i;
      }
    }
    return oldest;
  }
}
