package io.faultline.uffd.races;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread that does one move at a time, when it is told to. Its fields are handed over with the
 * turn: of the actor and the driver only one runs.
 */
final class Actor {
  /** Ends the thread of a run that is over. */
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
  private int moves;

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

  /** Whether it could do a move now. */
  boolean canMove() {
    BooleanSupplier condition = awake;
    return !finished && (condition == null || condition.getAsBoolean());
  }

  /** What its next move is. */
  String next() {
    return next;
  }

  /** Where it is, for comparing states. */
  String describe() {
    return finished ? "end" : moves + next + (awake == null ? "" : " asleep");
  }

  // The driver's side -----------------------------------------------------------------------

  /** Starts it, up to its first move. */
  void start() {
    running = true;
    thread.start();
    await();
  }

  /** Lets it do its move, up to the next one. */
  void move() {
    moves++;
    running = true;
    LockSupport.unpark(thread);
    await();
  }

  /** Ends its thread, wherever it is. */
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

  // The thread's side -----------------------------------------------------------------------

  /** Stops before a move. */
  void pause(String move) {
    next = move;
    handOver();
  }

  /** Stops until a condition holds; to notice that is a move. */
  void sleepUntil(BooleanSupplier condition, String move) {
    if (condition.getAsBoolean()) {
      return;
    }
    awake = condition;
    next = move;
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
      // the run is over, as the driver wished
    } catch (Throwable t) {
      failure = t;
    } finally {
      finished = true;
      running = false;
      LockSupport.unpark(driver);
    }
  }
}
