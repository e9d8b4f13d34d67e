package io.faultline.cli.simulation.runtime;

import io.netty.util.concurrent.EventExecutor;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The discrete-event simulator of one run: the event queue, a virtual clock that jumps from one
 * event to the next, and the only random source. The seed alone determines the order of events. Not
 * thread-safe.
 */
public final class Simulator {
  /** Not 0, which means "not yet" in many places. */
  private static final long START_NANOS = 1_000_000_000L;

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final SplittableRandom random;
  private final Trace trace;
  private long nowNanos = START_NANOS;
  private long scheduled;
  private long eventCount;
  private @Nullable EventExecutor current;

  private record Event(long atNanos, long number, Runnable task) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  public Simulator(long seed, Trace trace) {
    random = new SplittableRandom(seed);
    this.trace = trace;
  }

  public long nowNanos() {
    return nowNanos;
  }

  /** Time since the start. */
  long sinceStartNanos() {
    return nowNanos - START_NANOS;
  }

  /** Number of events so far. */
  public long eventCount() {
    return eventCount;
  }

  public SplittableRandom random() {
    return random;
  }

  /** Draws true with a probability of 1/n. */
  public boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** Schedules a task; a delay below 0 counts as 0. */
  public void after(long nanos, Runnable task) {
    events.add(new Event(nowNanos + Math.max(0, nanos), scheduled++, task));
  }

  /** Executes the next event; false if there is none. */
  public boolean step() {
    Event next = events.poll();
    if (next == null) {
      return false;
    }
    nowNanos = Math.max(nowNanos, next.atNanos);
    eventCount++;
    next.task.run();
    return true;
  }

  /** The event loop whose task is executing; null for none. */
  @Nullable EventExecutor current() {
    return current;
  }

  /** Executes a task as if on the thread of an event loop, or, with null, of none. */
  public void on(@Nullable EventExecutor loop, Runnable task) {
    EventExecutor before = current;
    current = loop;
    try {
      task.run();
    } finally {
      current = before;
    }
  }

  /** Writes a line to the trace, if the run is traced. */
  public void trace(String who, Supplier<String> what) {
    if (trace.isOn()) {
      trace.line(sinceStartNanos(), who, what.get());
    }
  }
}
