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
  private final LongSupplier clock;
  private final SampleSeries series = new SampleSeries(CAPACITY);
  private final Thread thread = Thread.ofPlatform().daemon().name("sampler").unstarted(this::run);
  private volatile boolean closed;

  /**
   * Starts sampling.
   *
   * @param clock in nanoseconds
   */
  ProgressSampler(Supplier<OutgoingProgress> progress, LongSupplier clock) {
    this.progress = progress;
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
    long remainingBytes = now.remainingPages() * now.basePageBytes();
    series.add(clock.getAsLong(), now.bytesSent(), remainingBytes);
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
