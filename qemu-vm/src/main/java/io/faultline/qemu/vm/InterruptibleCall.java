package io.faultline.qemu.vm;

import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What one thread of others waits for, until this is closed. To hand it to a thread of our own
 * would cost the guest one more wake-up. Thread-safe.
 */
final class InterruptibleCall implements AutoCloseable {
  private @Nullable Thread running;
  private boolean closed;

  /**
   * This thread begins to wait, and will call {@link #end}.
   *
   * @throws RejectedExecutionException if this is closed, or another thread waits
   */
  synchronized void begin() {
    if (closed || running != null) {
      throw new RejectedExecutionException(closed ? "closed" : "another thread waits");
    }
    running = Thread.currentThread();
  }

  /** This thread waits no more. */
  synchronized void end() {
    running = null;
    notifyAll();
  }

  /** Interrupts the thread that waits, and returns once it has ended that. */
  @Override
  public synchronized void close() {
    closed = true;
    Thread thread = running;
    if (thread != null) {
      thread.interrupt();
      awaitEnd();
    }
  }

  private void awaitEnd() {
    boolean interrupted = false;
    while (running != null) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
