package io.faultline.uffd.linux.injection;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a task on a new platform thread, and waits for its end. ptrace(2) accepts all requests for a
 * thread from the one that attached to it, and detaches from all when that one ends.
 *
 * <p>A task that takes too long continues without its caller: it may have to restore the registers
 * of a process that is frozen. The end of this JVM waits for it then, unless that is by SIGKILL.
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
   *
   * @param limitNanos how long to wait for it
   * @return empty if it takes longer
   */
  static <T> Optional<T> call(long limitNanos, Supplier<T> task) {
    TracerThread<T> tracer = new TracerThread<>(task);
    Thread thread = Thread.ofPlatform().name("system-call-injection").start(tracer);
    if (joins(thread, limitNanos)) {
      return Optional.of(tracer.outcome());
    }
    awaitAtExit(thread);
    return Optional.empty();
  }

  private static boolean joins(Thread thread, long limitNanos) {
    long end = System.nanoTime() + limitNanos;
    boolean interrupted = false;
    while (thread.isAlive() && System.nanoTime() - end < 0) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, end - System.nanoTime());
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }

  /** The kernel kills the other process if a thread that has changed its registers just ends. */
  private static void awaitAtExit(Thread thread) {
    try {
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> joins(thread, Long.MAX_VALUE), "await-injected-call"));
    } catch (IllegalStateException e) {
      joins(thread, Long.MAX_VALUE); // the JVM is ending, and this may be one of its last threads
    }
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
