package io.faultline.source;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Feeds one bulk connection: one piece of work after another, as long as the connection takes it
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

  /** What was started before the work in front of it was known to be done. */
  private final Deque<Job> waiting = new ArrayDeque<>();

  private @Nullable Work work;
  private Runnable finished = () -> {};
  private boolean pushing;
  private boolean timerSet;
  private volatile boolean stopped;

  /** Something to send, in pieces. */
  interface Work {
    /** Sends the next piece; returns about how many bytes that was, at least 1, or 0 at the end. */
    long sendNext();
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
  }

  /**
   * Starts the next piece of work, behind the one before: all of that may be on its way, and its
   * peer's answer here, while the limit has not let it come to its end yet.
   *
   * @param whenFinished called once, when all of it is sent
   */
  void start(Work next, Runnable whenFinished) {
    waiting.add(new Job(next, whenFinished));
    push();
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
      takeNext();
      while (mayGoOn()) {
        fillSink();
        sink.flush();
      }
    } finally {
      pushing = false;
    }
    if (work == null && !stopped) {
      Runnable then = finished;
      finished = () -> {};
      then.run();
      if (!waiting.isEmpty()) {
        push();
      }
    }
  }

  private void takeNext() {
    Job next = work == null ? waiting.poll() : null;
    if (next != null) {
      work = next.work();
      finished = next.whenFinished();
    }
  }

  /** The time that was asked for is up. */
  void timeUp() {
    timerSet = false;
    push();
  }

  private boolean mayGoOn() {
    if (work == null || stopped || !sink.isWritable()) {
      return false;
    }
    long delay = limit.delayNanos(clock.getAsLong());
    if (delay > 0 && !timerSet) {
      timerSet = true;
      timer.accept(delay);
    }
    return delay == 0;
  }

  private void fillSink() {
    long unflushed = 0;
    while (unflushed < FLUSH_BYTES && work != null && mayGoOn()) {
      long sent = work.sendNext();
      if (sent == 0) {
        work = null;
      } else {
        limit.sent(sent, clock.getAsLong());
        unflushed += sent;
      }
    }
  }
}
