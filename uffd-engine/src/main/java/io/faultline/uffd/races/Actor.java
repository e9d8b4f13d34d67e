package io.faultline.uffd.races;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread that runs one action at a time, when the driver lets it. Either the actor or the driver
 * runs, never both, so its fields need no other synchronization than that hand-over.
 */
final class Actor {
  /** Thrown in an actor's thread to end it after the run. */
  private static final class Abandoned extends Error {
    private static final long serialVersionUID = 1L;

    Abandoned() {
      super("the run is over", null, false, false);
    }
  }

  private final Role role;
  private final Thread thread;
  private final Thread driver = Thread.currentThread();
  private volatile boolean running;
  private volatile boolean abandoned;
  private volatile boolean finished;
  private volatile @Nullable Throwable failure;
  private @Nullable BooleanSupplier awake;
  private String next = "";
  private int actions;

  Actor(Role role, Runnable program) {
    this.role = role;
    this.thread = Thread.ofVirtual().name(role.title()).unstarted(() -> run(program));
  }

  Role role() {
    return role;
  }

  boolean isThread(Thread other) {
    return thread.equals(other);
  }

  boolean isFinished() {
    return finished;
  }

  /** Whether the thread can run its next action now. */
  boolean canAct() {
    BooleanSupplier condition = awake;
    return !finished && (condition == null || condition.getAsBoolean());
  }

  /** The description of the next action. */
  String next() {
    return next;
  }

  /** The position of the thread in its program, for comparing states. */
  String describe() {
    return finished ? "end" : actions + next + (awake == null ? "" : " asleep");
  }

  // Called by the driver

  /** Starts the thread and runs it up to its first action. */
  void start() {
    running = true;
    thread.start();
    await();
  }

  /** Runs the next action, up to the one after it. */
  void act() {
    actions++;
    running = true;
    LockSupport.unpark(thread);
    await();
  }

  /** Ends the thread at its current position. */
  void abandon() {
    abandoned = true;
    while (!finished) {
      running = true;
      LockSupport.unpark(thread);
      await();
    }
  }

  private void await() {
    while (running) {
      LockSupport.park(this);
    }
    Throwable thrown = failure;
    if (thrown != null) {
      throw new IllegalStateException(role + " failed", thrown);
    }
  }

  // Called by the actor's thread

  /** Stops before an action. */
  void pause(String action) {
    next = action;
    handOver();
  }

  /** Stops until a condition holds; noticing it is a separate action. */
  void sleepUntil(BooleanSupplier condition, String action) {
    if (condition.getAsBoolean()) {
      return;
    }
    awake = condition;
    next = action;
    try {
      handOver();
    } finally {
      awake = null;
    }
  }

  private void handOver() {
    running = false;
    LockSupport.unpark(driver);
    while (!running) {
      LockSupport.park(this);
    }
    if (abandoned) {
      throw new Abandoned();
    }
  }

  private void run(Runnable program) {
    try {
      program.run();
    } catch (Abandoned e) {
      // the driver has ended the run
    } catch (Throwable t) {
      failure = t;
    } finally {
      finished = true;
      running = false;
      LockSupport.unpark(driver);
    }
  }
}
