package io.faultline.cli.recording;

import java.util.Arrays;

/**
 * Samples over time in a fixed amount of memory: when it is full, every second sample is dropped,
 * and from then on only every second one is kept. So the samples stay evenly spaced. Confined to
 * one thread.
 */
final class SampleSeries {
  private final long[] nanos;
  private final long[] bytesSent;
  private final long[] remainingBytes;
  private int size;
  private long stride = 1;
  private long offered;

  /**
   * @param capacity samples, an even number
   */
  SampleSeries(int capacity) {
    nanos = new long[capacity];
    bytesSent = new long[capacity];
    remainingBytes = new long[capacity];
  }

  /** Adds a sample, or drops it. */
  void add(long atNanos, long sent, long remaining) {
    if (offered++ % stride != 0) {
      return;
    }
    if (size == nanos.length) {
      halve(nanos);
      halve(bytesSent);
      halve(remainingBytes);
      size /= 2;
      stride *= 2; // this sample is an even one, too, since the capacity is even
    }
    nanos[size] = atNanos;
    bytesSent[size] = sent;
    remainingBytes[size] = remaining;
    size++;
  }

  Samples samples() {
    return new Samples(
        Arrays.copyOf(nanos, size),
        Arrays.copyOf(bytesSent, size),
        Arrays.copyOf(remainingBytes, size));
  }

  private static void halve(long[] values) {
    for (int i = 0; i < values.length / 2; i++) {
      values[i] = values[2 * i];
    }
  }
}
