package io.faultline.cli.recording;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Samples the progress of a transfer on a thread of its own, until it is closed. */
public final class ProgressSampler implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(20);
  private static final int CAPACITY = 2000;

  private final Supplier<Amounts> progress;
  private final LongSupplier clock;
  private final SampleSeries series = new SampleSeries(CAPACITY);
  private final Thread thread = Thread.ofPlatform().daemon().name("sampler").unstarted(this::run);
  private volatile boolean closed;

  /**
   * How much was transferred, and how much is to be.
   *
   * @param doneBytes never decreases
   */
  public record Amounts(long doneBytes, long remainingBytes) {}

  /**
   * Starts sampling.
   *
   * @param progress called on the sampler's thread, and at the end on that of {@link #close}
   * @param clock in nanoseconds
   */
  public ProgressSampler(Supplier<Amounts> progress, LongSupplier clock) {
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
    Amounts now = progress.get();
    series.add(clock.getAsLong(), now.doneBytes(), now.remainingBytes());
  }

  /** The samples, after {@link #close}. */
  public Samples samples() {
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
