package io.faultline.uffd.simulated.process;

import io.faultline.uffd.simulated.ProcessExitedException;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread of a simulated process that runs only during {@link #resume}, until it stops next. All
 * state is handed over with the turn, so it needs no other synchronization.
 */
final class Task {
  private final String name;
  private final Runnable program;
  private final Thread thread;
  private final Semaphore turn = new Semaphore(0);
  private final Semaphore stopped = new Semaphore(0);
  private BooleanSupplier awake = Task::always;
  private boolean finished;
  private @Nullable Throwable failure;

  Task(String name, Runnable program) {
    this.name = name;
    this.program = program;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  boolean isThread(Thread other) {
    return thread.equals(other);
  }

  boolean isFinished() {
    return finished;
  }

  /** Whether {@link #resume} makes progress. */
  boolean isRunnable() {
    return !finished && awake.getAsBoolean();
  }

  /**
   * Runs the thread until it stops or ends. Called by the driver.
   *
   * @throws AssertionError if the thread's program failed
   */
  void resume() {
    runOn();
    if (failure != null) {
      throw new AssertionError(name + ": " + failure.getMessage(), failure);
    }
  }

  /** As {@link #resume}, but ignores a failure: for a thread whose process was killed. */
  void runOn() {
    turn.release();
    stopped.acquireUninterruptibly();
  }

  /** Stops until it is resumed after {@code condition} holds. Called by the thread itself. */
  void stopUntil(BooleanSupplier condition) {
    awake = condition;
    stopped.release();
    turn.acquireUninterruptibly();
    awake = Task::always;
  }

  void stop() {
    stopUntil(Task::always);
  }

  private static boolean always() {
    return true;
  }

  private void run() {
    turn.acquireUninterruptibly();
    try {
      program.run();
    } catch (ProcessExitedException e) {
      // killed while it slept
    } catch (Throwable t) {
      failure = t;
    } finally {
      finished = true;
      stopped.release();
    }
  }

  @Override
  public String toString() {
    return name + (finished ? " has ended" : isRunnable() ? " can run" : " sleeps");
  }
}
