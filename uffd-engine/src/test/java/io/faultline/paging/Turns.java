package io.faultline.paging;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.Scheduling;
import io.faultline.uffd.simulated.Step;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs threads one at a time. Before each step of the simulated kernel, each change of a page's
 * state, each wait and each part of a call of the store, the running thread may have to pass its
 * turn on to the next one. Repeating the choices repeats the run.
 */
final class Turns implements Scheduling {
  private static final int MAX_POINTS = 20_000;

  /** Ends a thread after the run. */
  private static final class Ended extends Error {
    private static final long serialVersionUID = 1L;

    Ended() {
      super("the run is over", null, false, false);
    }
  }

  private static final class Actor {
    final String name;
    final boolean isDaemon;
    final Thread thread;
    @Nullable BooleanSupplier awake;
    boolean finished;
    boolean isInCall;

    Actor(String name, boolean isDaemon, Thread thread) {
      this.name = name;
      this.isDaemon = isDaemon;
      this.thread = thread;
    }

    boolean canRun() {
      BooleanSupplier condition = awake;
      return !finished && (condition == null || condition.getAsBoolean());
    }
  }

  private final IntPredicate passesOn;
  private final Runnable invariant;
  private final List<Actor> actors = new ArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile int turn;
  private volatile @Nullable Throwable failure;
  private volatile boolean ended;
  private boolean stopsInCalls = true;
  private int points;

  /**
   * @param passesOn whether the thread at a point, numbered from 0, passes its turn on
   * @param invariant checked at every point
   */
  Turns(IntPredicate passesOn, Runnable invariant) {
    this.passesOn = passesOn;
    this.invariant = invariant;
  }

  /**
   * Adds a thread.
   *
   * @param isDaemon whether the run is over without it: its program must then end by {@link
   *     #isOver}
   */
  void add(String name, boolean isDaemon, Runnable program) {
    int index = actors.size();
    Thread thread = Thread.ofVirtual().name(name).unstarted(() -> run(index, program));
    actors.add(new Actor(name, isDaemon, thread));
  }

  /** Runs all threads to their ends; returns the number of points. */
  int run() throws InterruptedException {
    actors.forEach(actor -> actor.thread.start());
    end.await();
    ended = true;
    for (Actor actor : actors) {
      LockSupport.unpark(actor.thread);
    }
    for (Actor actor : actors) {
      actor.thread.join();
    }
    Throwable thrown = failure;
    if (thrown != null) {
      throw new AssertionError(thrown.getMessage(), thrown);
    }
    return points;
  }

  /** Whether all threads but the daemons have finished. */
  boolean isOver() {
    return actors.stream().allMatch(actor -> actor.isDaemon || actor.finished);
  }

  private void run(int index, Runnable program) {
    try {
      awaitTurn(index);
      program.run();
    } catch (Ended e) {
      return;
    } catch (Throwable t) {
      fail(t);
    }
    actors.get(index).finished = true;
    try {
      next(index);
    } catch (Ended e) {
      // nobody is left to run
    }
  }

  private void fail(Throwable t) {
    if (failure == null) {
      failure = t;
    }
    end.countDown();
    throw new Ended();
  }

  private void awaitTurn(int index) {
    while (turn != index && !ended) {
      LockSupport.park(this);
    }
    if (ended) {
      throw new Ended();
    }
  }

  /** Gives the turn to the next thread that can run, which may be the same one. */
  private void next(int from) {
    for (int i = 1; i <= actors.size(); i++) {
      int to = (from + i) % actors.size();
      Actor actor = actors.get(to);
      if (actor.canRun()) {
        turn = to;
        LockSupport.unpark(actor.thread);
        if (!actors.get(from).finished) {
          awaitTurn(from);
        }
        return;
      }
    }
    if (actors.stream().allMatch(actor -> actor.finished)) {
      end.countDown();
      return;
    }
    fail(new AssertionError("waits for ever: " + waiting()));
  }

  private List<String> waiting() {
    return actors.stream().filter(actor -> !actor.finished).map(actor -> actor.name).toList();
  }

  /** A point at which another thread may run next. */
  void point() {
    pass(false);
  }

  /** Lets the others run first: the calling thread waits for one of them. */
  void letOthersRun() {
    pass(true);
  }

  private void pass(boolean always) {
    int self = self();
    if (self < 0) {
      return;
    }
    if (ended) {
      throw new Ended();
    }
    try {
      invariant.run();
    } catch (AssertionError e) {
      fail(e);
    }
    int point = points++;
    if (point > MAX_POINTS) {
      fail(new AssertionError("makes no progress: " + waiting()));
    }
    if (always || passesOn.test(point)) {
      next(self);
    }
  }

  private int self() {
    Thread current = Thread.currentThread();
    for (int i = 0; i < actors.size(); i++) {
      if (actors.get(i).thread.equals(current)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * A kernel that changes mappings while no other thread is stopped within a call: a thread that is
   * stopped there may hold the lock that such a change needs.
   */
  Kernel exclusive(Kernel kernel) {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("unmap")) {
                leaveCalls();
              }
              try {
                return method.invoke(kernel, arguments);
              } catch (InvocationTargetException e) {
                throw Objects.requireNonNull(e.getCause());
              } finally {
                stopsInCalls = true;
              }
            });
  }

  private void leaveCalls() {
    stopsInCalls = false;
    while (actors.stream().anyMatch(actor -> actor.isInCall)) {
      letOthersRun();
    }
  }

  @Override
  public void step(Step step, long address) {
    int self = self();
    if (self >= 0 && (stopsInCalls || ended)) {
      Actor actor = actors.get(self);
      actor.isInCall = true;
      try {
        point();
      } finally {
        actor.isInCall = false;
      }
    }
  }

  @Override
  public void sleepUntil(BooleanSupplier awake) {
    int self = self();
    if (self < 0) {
      throw new IllegalStateException("the test itself must not sleep in a fault");
    }
    if (!awake.getAsBoolean()) {
      Actor actor = actors.get(self);
      actor.awake = awake;
      try {
        next(self);
      } finally {
        actor.awake = null;
      }
    }
  }

  @Override
  public void wake(Thread thread) {
    // the conditions of sleeping threads are evaluated before each turn
  }
}
