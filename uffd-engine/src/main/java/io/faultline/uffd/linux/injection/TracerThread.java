package io.faultline.uffd.linux.injection;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a task on a new platform thread, and waits for its end. ptrace(2) accepts all requests for a
 * thread from the one that attached to it, and detaches from all when that one ends.
 */
final class TracerThread<T> implements Runnable {
  private final Supplier<T> task;
  private @Nullable T result;
  private @Nullable Throwable failure;

  private TracerThread(Supplier<T> task) {
    this.task = task;
  }

  /**
   * Returns what the task returns, or throws what it throws. An interrupt of the calling thread has
   * no effect until then.
   */
  static <T> T call(Supplier<T> task) {
    TracerThread<T> tracer = new TracerThread<>(task);
    Thread thread = Thread.ofPlatform().name("system-call-injection").start(tracer);
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return tracer.outcome();
  }

  @Override
  public void run() {
    try {
      result = task.get();
    } catch (Throwable t) {
      failure = t;
    }
  }

  private T outcome() {
    T value = result;
    if (value != null) {
      return value;
    }
    switch (failure) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> throw new IllegalStateException("the task has no result", failure);
    }
  }
}
