package io.faultline.cli.terminal;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Writes in a thread of its own, because a pipe that nobody reads blocks its writer for ever: that
 * must be neither an event loop nor a vCPU. What does not fit the queue is dropped and counted.
 * Thread-safe.
 */
public final class BackgroundWriter {
  /** Lines; together with the 64 KiB of a pipe, minutes of output of a migration. */
  static final int CAPACITY = 1024;

  private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final AtomicLong dropped = new AtomicLong();
  private final ThreadPoolExecutor thread;
  private final LongConsumer dropNotice;

  /**
   * Starts the thread at the first write.
   *
   * @param dropNotice receives how many writes were dropped, when others are possible again
   */
  public BackgroundWriter(String threadName, LongConsumer dropNotice) {
    this.dropNotice = dropNotice;
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            queue,
            Thread.ofPlatform().daemon().name(threadName).factory(),
            (write, executor) -> dropped.incrementAndGet());
  }

  /** Lets the thread write, or drops it. */
  public void offer(Runnable write) {
    thread.execute(() -> run(write));
  }

  private void run(Runnable write) {
    write.run();
    if (queue.isEmpty()) {
      reportDropped();
    }
  }

  private void reportDropped() {
    long count = dropped.getAndSet(0);
    if (count > 0) {
      dropNotice.accept(count);
    }
  }

  /**
   * Waits until everything that was offered so far is written; returns false if it takes longer.
   */
  public boolean awaitWritten(Duration limit) {
    if (thread.getPoolSize() == 0) {
      return true; // nothing was offered
    }
    CountDownLatch written = new CountDownLatch(1);
    Runnable last =
        () -> {
          reportDropped();
          written.countDown();
        };
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      return queue.offer(last, limit.toNanos(), TimeUnit.NANOSECONDS)
          && written.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
