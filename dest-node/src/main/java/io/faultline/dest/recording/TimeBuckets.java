package io.faultline.dest.recording;

import java.util.Arrays;

/**
 * Sums over time in a fixed amount of memory: a row of buckets of equal width. When a time lies
 * after the last bucket, each two neighbours are added up and the width doubles. So the row covers
 * any length of time with between {@value #COUNT}/2 and {@value #COUNT} buckets.
 *
 * <p>Never allocates after its construction. One thread writes; others may read once it has ended,
 * or accept a sum that is being written.
 */
public final class TimeBuckets {
  static final int COUNT = 1024;

  /** The width of a bucket at first: a quarter of a second is covered. */
  static final long FIRST_WIDTH_NANOS = 250_000;

  private final long[] sums = new long[COUNT];
  private long originNanos;
  private long widthNanos = FIRST_WIDTH_NANOS;
  private boolean started;

  /**
   * A copy of the sums.
   *
   * @param originNanos when the first bucket starts
   * @param widthNanos the length of each bucket, at least 1
   * @param sums the sum of each bucket, without the empty ones at the end
   */
  @SuppressWarnings("ArrayRecordComponent") // large, never compared, and only read
  public record Series(long originNanos, long widthNanos, long[] sums) {
    /** Nothing was added. */
    public static final Series EMPTY = new Series(0, FIRST_WIDTH_NANOS, new long[0]);
  }

  /** Adds an amount at a time. A time before the first one counts as the first. */
  public void add(long atNanos, long amount) {
    sums[bucket(atNanos)] += amount;
  }

  /** Adds the time of a period, in nanoseconds, to the buckets that it lies in. */
  public void addPeriod(long startNanos, long endNanos) {
    bucket(startNanos); // may set the origin
    int last = bucket(endNanos); // may change the width
    for (int i = bucket(startNanos); i <= last; i++) {
      long from = Math.max(startNanos, originNanos + i * widthNanos);
      long to = Math.min(endNanos, originNanos + (i + 1) * widthNanos);
      sums[i] += Math.max(0, to - from);
    }
  }

  /** A copy of the sums so far. */
  public Series series() {
    int length = COUNT;
    while (length > 0 && sums[length - 1] == 0) {
      length--;
    }
    return length == 0
        ? Series.EMPTY
        : new Series(originNanos, widthNanos, Arrays.copyOf(sums, length));
  }

  private int bucket(long atNanos) {
    if (!started) {
      started = true;
      originNanos = atNanos;
    }
    long offset = Math.max(0, atNanos - originNanos);
    while (offset / widthNanos >= COUNT) {
      doubleWidth();
    }
    return (int) (offset / widthNanos);
  }

  private void doubleWidth() {
    for (int i = 0; i < COUNT / 2; i++) {
      sums[i] = sums[2 * i] + sums[2 * i + 1];
    }
    Arrays.fill(sums, COUNT / 2, COUNT, 0);
    widthNanos *= 2;
  }
}
