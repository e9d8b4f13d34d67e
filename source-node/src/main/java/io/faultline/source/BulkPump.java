package io.faultline.source;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Feeds the bulk connections: one piece of work after another, as long as the connections take it
 * and no faster than the limit.
 *
 * <p>Belongs to the bulk loop, but for {@link #stop}.
 */
final class BulkPump {
  private static final long FLUSH_BYTES = 256 << 10;

  private final PageSink sink;
  private final RateLimit limit;
  private final LongSupplier clock;
  private final LongConsumer timer;

  /** What was started and is not known to be done; the first of them is under way. */
  private final Deque<Job> jobs = new ArrayDeque<>();

  private long heldSinceNanos;
  private long holdNanos;
  private boolean pushing;
  private boolean timerSet;
  private volatile boolean stopped;

  /** Something to send, in pieces. */
  interface Work {
    /** Sends the next piece; returns about how many bytes that was, at least 1, or 0 at the end. */
    long sendNext();

    /** Whether the next piece can be sent without piling up in memory. */
    default boolean hasRoom(PageSink to) {
      return to.isWritable();
    }
  }

  private record Job(Work work, Runnable whenFinished) {}

  /**
   * @param clock in nanoseconds
   * @param timer has {@link #timeUp} called after so many nanoseconds
   */
  BulkPump(PageSink sink, RateLimit limit, LongSupplier clock, LongConsumer timer) {
    this.sink = sink;
    this.limit = limit;
    this.clock = clock;
    this.timer = timer;
    heldSinceNanos = clock.getAsLong();
  }

  /**
   * Starts the next piece of work, behind the one before: all of that may be on its way, and its
   * peer's answer here, while the limit has not let it come to its end yet.
   *
   * @param whenFinished called once, when all of it is sent
   */
  void start(Work next, Runnable whenFinished) {
    jobs.add(new Job(next, whenFinished));
    push();
  }

  /** Sends nothing for so long from now on. */
  void hold(long nanos) {
    heldSinceNanos = clock.getAsLong();
    holdNanos = nanos;
  }

  /** Any thread: reads and sends nothing more, since guest memory may go soon. */
  void stop() {
    stopped = true;
  }

  /**
   * Sends until the sink is full, the limit is reached or the work is done. A sink may call back
   * from within its methods, as Netty does when a channel becomes writable, or stops being so: such
   * a call does nothing, for a frame in the middle of another's would break the stream, and the
   * call around it goes on.
   */
  void push() {
    if (pushing) {
      return;
    }
    pushing = true;
    try {
      while (mayGoOn()) {
        Job job = jobs.element();
        boolean ended = sendSome(job.work());
        sink.flush();
        if (ended && !stopped) {
          jobs.remove();
          job.whenFinished().run(); // which may start another
        }
      }
    } finally {
      pushing = false;
    }
  }

  /** The time that was asked for is up. */
  void timeUp() {
    timerSet = false;
    push();
  }

  private boolean mayGoOn() {
    Job job = jobs.peek();
    if (job == null || stopped || !job.work().hasRoom(sink)) {
      return false;
    }
    long now = clock.getAsLong();
    long delay = Math.max(limit.delayNanos(now), holdNanos - (now - heldSinceNanos));
    if (delay > 0 && !timerSet) {
      timerSet = true;
      timer.accept(delay);
    }
    return delay <= 0;
  }

  /** Returns whether that was the end of it. */
  private boolean sendSome(Work work) {
    long unflushed = 0;
    while (unflushed < FLUSH_BYTES && mayGoOn()) {
      long sent = work.sendNext();
      if (sent == 0) {
        return true;
      }
      limit.sent(sent, clock.getAsLong());
      unflushed += sent;
    }
    return false;
  }
}
