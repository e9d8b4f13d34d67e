package io.faultline.source;

import java.util.concurrent.TimeUnit;

/** Bytes per second over about the last second. One thread samples regularly, any may read. */
final class Throughput {
  /** With ten samples per second, the window is a second long. */
  private static final int SAMPLES = 10;

  private final long[] bytes = new long[SAMPLES];
  private final long[] nanos = new long[SAMPLES];
  private int samples;
  private volatile long bytesPerSecond;

  /** So many bytes were sent up to now. */
  void sample(long total, long nowNanos) {
    int slot = samples % SAMPLES;
    int oldest = samples < SAMPLES ? 0 : slot;
    long elapsed = samples == 0 ? 0 : nowNanos - nanos[oldest];
    if (elapsed > 0) {
      double seconds = (double) elapsed / TimeUnit.SECONDS.toNanos(1);
      bytesPerSecond = (long) ((total - bytes[oldest]) / seconds);
    }
    bytes[slot] = total;
    nanos[slot] = nowNanos;
    samples++;
  }

  /** Any thread; 0 before the second sample. */
  long bytesPerSecond() {
    return bytesPerSecond;
  }
}
