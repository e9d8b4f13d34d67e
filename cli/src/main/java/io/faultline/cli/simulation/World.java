package io.faultline.cli.simulation;

import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The world of one run: a clock that moves from one event to the next, and the one source of
 * chance. All that happens is an event here, in an order that the seed alone decides. Belongs to
 * the one thread of its run.
 */
final class World {
  /** Far enough from 0, which means "not yet" in many places. */
  private static final long START_NANOS = 1_000_000_000L;

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final SplittableRandom random;
  private final Trace trace;
  private long nowNanos = START_NANOS;
  private long made;
  private long happened;
  private @Nullable SimulatedLoop current;

  private record Event(long atNanos, long number, Runnable what) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  World(long seed, Trace trace) {
    random = new SplittableRandom(seed);
    this.trace = trace;
  }

  long nowNanos() {
    return nowNanos;
  }

  /** Time since the start. */
  long sinceStartNanos() {
    return nowNanos - START_NANOS;
  }

  /** Events so far. */
  long happened() {
    return happened;
  }

  SplittableRandom random() {
    return random;
  }

  /** Whether something of a probability of one in {@code n} is the case. */
  boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** Has something happen after so many nanoseconds. */
  void after(long nanos, Runnable what) {
    events.add(new Event(nowNanos + Math.max(0, nanos), made++, what));
  }

  /** Has the next event happen; false where there is none. */
  boolean step() {
    Event next = events.poll();
    if (next == null) {
      return false;
    }
    nowNanos = Math.max(nowNanos, next.atNanos);
    happened++;
    next.what.run();
    return true;
  }

  /** The loop whose thread runs now; null for none. */
  @Nullable SimulatedLoop current() {
    return current;
  }

  /** Runs something on the thread of a loop. */
  void on(@Nullable SimulatedLoop loop, Runnable what) {
    SimulatedLoop before = current;
    current = loop;
    try {
      what.run();
    } finally {
      current = before;
    }
  }

  /** Writes a line of the trace, where somebody reads it. */
  void tell(String who, Supplier<String> what) {
    if (trace.isOn()) {
      trace.line(sinceStartNanos(), who, what.get());
    }
  }
}
