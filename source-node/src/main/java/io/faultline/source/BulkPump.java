package io.faultline.source;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Feeds the bulk connections: runs one job after another, piece by piece, while the connections
 * have room and no faster than the rate limit.
 *
 * <p>Confined to the bulk loop, except {@link #stop}.
 */
final class BulkPump {
  private static final long FLUSH_BYTES = 256 << 10;

  private final PageSink sink;
  private final RateLimit limit;
  private final LongSupplier clock;
  private final LongConsumer timer;

  /** Jobs that have not finished. The first is the current one. */
  private final Deque<Job> jobs = new ArrayDeque<>();

  private long heldSinceNanos;
  private long holdNanos;
  private boolean pushing;
  private boolean timerSet;
  private volatile boolean stopped;

  /** Something to send in pieces. */
  interface Work {
    /** Sends the next piece; returns roughly its bytes, at least 1; or 0 if there is no more. */
    long sendNext();

    /** Whether the next piece can be sent without queueing up in memory. */
    default boolean hasRoom(PageSink to) {
      return to.isWritable();
    }

    /**
     * Whether the user's pause holds it now; what the destination needs for its next step is not.
     */
    default boolean isPausable() {
      return false;
    }
  }

  private record Job(Work work, Runnable whenFinished) {}

  /**
   * @param clock in nanoseconds
   * @param timer schedules a call of {@link #timeUp} after this many nanoseconds
   */
  BulkPump(PageSink sink, RateLimit limit, LongSupplier clock, LongConsumer timer) {
    this.sink = sink;
    this.limit = limit;
    this.clock = clock;
    this.timer = timer;
    heldSinceNanos = clock.getAsLong();
  }

  /**
   * Queues a job. The previous job may still be waiting for the rate limit in order to finish,
   * although the peer has already received and answered all of it.
   *
   * @param whenFinished called once, when the job is done
   */
  void start(Work next, Runnable whenFinished) {
    jobs.add(new Job(next, whenFinished));
    push();
  }

  /** Sends nothing from now on for this long. */
  void hold(long nanos) {
    heldSinceNanos = clock.getAsLong();
    holdNanos = nanos;
  }

  /** Stops reading and sending pages, since guest memory may be unmapped soon. Any thread. */
  void stop() {
    stopped = true;
  }

  /**
   * Sends until the sink is full, the limit is reached, or all jobs are done. The sink may call
   * this from within its own methods, as Netty does when the writability of a channel changes. Such
   * a nested call does nothing, since a frame within a frame would break the stream. The outer call
   * continues anyway.
   */
  void push() {
    if (pushing) {
      return;
    }
    pushing = true;
    try {
      while (maySend()) {
        Job job = jobs.element();
        boolean ended = sendSome(job.work());
        sink.flush();
        if (ended && !stopped) {
          jobs.remove();
          job.whenFinished().run(); // may start another job
        }
      }
    } finally {
      pushing = false;
    }
  }

  /** The time requested from the timer is up. */
  void timeUp() {
    timerSet = false;
    push();
  }

  private boolean maySend() {
    Job job = jobs.peek();
    if (job == null || stopped || !job.work().hasRoom(sink)) {
      return false;
    }
    if (limit.isPaused() && job.work().isPausable()) { // push() is called when it ends
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

  /** Returns whether the job has no more to send. */
  private boolean sendSome(Work work) {
    long unflushed = 0;
    while (unflushed < FLUSH_BYTES && maySend()) {
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
