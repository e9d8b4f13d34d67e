package io.faultline.cli.recording;

import io.faultline.source.OutgoingProgress;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Samples the progress of an outgoing migration on a thread of its own, until it is closed. */
final class ProgressSampler implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(20);
  private static final int CAPACITY = 2000;

  private final Supplier<OutgoingProgress> progress;
  private final long pageBytes;
  private final LongSupplier clock;
  private final SampleSeries series = new SampleSeries(CAPACITY);
  private final Thread thread = Thread.ofPlatform().daemon().name("sampler").unstarted(this::run);
  private volatile boolean closed;

  /**
   * Starts sampling.
   *
   * @param pageBytes of a base page
   * @param clock in nanoseconds
   */
  ProgressSampler(Supplier<OutgoingProgress> progress, long pageBytes, LongSupplier clock) {
    this.progress = progress;
    this.pageBytes = pageBytes;
    this.clock = clock;
    thread.start();
  }

  private void run() {
    try {
      while (!closed) {
        sample();
        Thread.sleep(INTERVAL);
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private void sample() {
    OutgoingProgress now = progress.get();
    long remaining = Math.max(0, now.totalPages() - now.pagesSent());
    series.add(clock.getAsLong(), now.bytesSent(), remaining * pageBytes);
  }

  /** The samples, after {@link #close}. */
  Samples samples() {
    return series.samples();
  }

  /** Takes a last sample. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    sample();
  }
}
