package io.faultline.source;

import io.faultline.memory.PageBitmap;
import java.util.Arrays;

/**
 * Recognises how the guest goes through memory, from the pages that it asks for: a handful of
 * streams, the least recently used of which makes room for a new one. The source does not know
 * vCPUs; what tells streams apart is where they are.
 *
 * <p>A request belongs to a stream if it lies on the stream's path: at a multiple of its stride
 * that its window has just covered, or behind a run of pages that have all been sent. Each such
 * request confirms the stream and doubles its window, as readahead does in Linux; a request that
 * lies nowhere starts a stream anew, without a window.
 *
 * <p>Pages are those of the backing. Allocation-free. Belongs to the control loop.
 */
final class AccessStreams {
  static final int COUNT = 8;

  /** The window of a stream that was confirmed once; doubled with each time. */
  static final int FIRST_WINDOW = 8;

  /** A request this near to the last one of a stream may show its stride. */
  private static final long NEAR_PAGES = 256;

  private static final int NONE = -1;

  private final int maxWindow;

  /** A stream whose pages are sent further ahead than this is another one. */
  private final long maxJump;

  private final int[] region = new int[COUNT];
  private final long[] last = new long[COUNT];
  private final long[] stride = new long[COUNT];
  private final int[] window = new int[COUNT];
  private final long[] usedAt = new long[COUNT];
  private long clock;

  /**
   * @param maxWindow pages, at least {@link #FIRST_WINDOW}
   */
  AccessStreams(int maxWindow) {
    this.maxWindow = maxWindow;
    this.maxJump = 4L * maxWindow;
    Arrays.fill(region, NONE);
  }

  /**
   * A page is asked for.
   *
   * @param sent what was sent before, a bit for each page
   * @return the stream that it belongs to
   */
  int requested(int ofRegion, long page, PageBitmap sent) {
    int stream = at(ofRegion, page);
    if (stream != NONE) {
      usedAt[stream] = ++clock; // another vCPU waits for the same page
      return stream;
    }
    stream = onPath(ofRegion, page, sent);
    if (stream != NONE) {
      window[stream] = Math.min(maxWindow, Math.max(FIRST_WINDOW, 2 * window[stream]));
    } else {
      stream = near(ofRegion, page);
      if (stream == NONE) {
        stream = leastRecentlyUsed();
        region[stream] = ofRegion;
        stride[stream] = 0;
      } else {
        stride[stream] = page - last[stream];
      }
      window[stream] = 0;
    }
    last[stream] = page;
    usedAt[stream] = ++clock;
    return stream;
  }

  /** Whether the guest is known to go on as it did. */
  boolean isConfirmed(int stream) {
    return window[stream] > 0;
  }

  /** Pages that are worth sending ahead; 0 where it is not known where the guest goes. */
  int window(int stream) {
    return window[stream];
  }

  /** Pages from one access to the next; negative downward. Holds where the stream is confirmed. */
  long stride(int stream) {
    return stride[stream];
  }

  private int at(int ofRegion, long page) {
    for (int i = 0; i < COUNT; i++) {
      if (region[i] == ofRegion && last[i] == page) {
        return i;
      }
    }
    return NONE;
  }

  private int onPath(int ofRegion, long page, PageBitmap sent) {
    for (int i = 0; i < COUNT; i++) {
      if (region[i] == ofRegion && goesOn(i, page, sent)) {
        return i;
      }
    }
    return NONE;
  }

  private boolean goesOn(int stream, long page, PageBitmap sent) {
    long step = page - last[stream];
    long of = stride[stream];
    if (of != 0 && step % of == 0) {
      long steps = step / of;
      if (steps > 0 && steps <= window[stream] + 1L) {
        return true;
      }
    }
    boolean upward = of <= 1 && of >= 0 && step > 0 && step <= maxJump;
    if (upward && sent.isFull(last[stream] + 1, page)) {
      stride[stream] = 1;
      return true;
    }
    return false;
  }

  private int near(int ofRegion, long page) {
    int nearest = NONE;
    long distance = NEAR_PAGES + 1;
    for (int i = 0; i < COUNT; i++) {
      long away = Math.abs(page - last[i]);
      if (region[i] == ofRegion && away < distance) {
        nearest = i;
        distance = away;
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
