package io.faultline.proto;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Whether an event loop looks again at once, or sleeps until something comes. Belongs to the loop,
 * which must be of epoll: one of NIO always sleeps.
 */
public final class LoopPoll {
  /** A round trip on one machine, and some; behind it the peer is busy, and sleep costs less. */
  private static final long SPIN_NANOS = 150_000;

  private final Polling polling;
  private final LongSupplier clock;
  private boolean due;
  private long untilNanos;

  public LoopPoll(Polling polling) {
    this(polling, System::nanoTime);
  }

  /**
   * @param clock in nanoseconds
   */
  LoopPoll(Polling polling, LongSupplier clock) {
    this.polling = polling;
    this.clock = clock;
  }

  /** Loop: something is due within about a round trip. */
  public void expect() {
    if (polling == Polling.ADAPTIVE) {
      due = true;
      untilNanos = clock.getAsLong() + SPIN_NANOS;
    }
  }

  /** For the loop's handler. */
  SelectStrategy strategy() {
    return this::next;
  }

  /** What came without waiting for it; or that the loop may sleep. */
  private int next(IntSupplier lookNow, boolean hasTasks) throws Exception {
    return hasTasks || spins() ? lookNow.get() : SelectStrategy.SELECT;
  }

  private boolean spins() {
    if (due) {
      due = clock.getAsLong() - untilNanos < 0;
    }
    return due || polling == Polling.SPIN;
  }
}
