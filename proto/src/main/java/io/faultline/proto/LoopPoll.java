package io.faultline.proto;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Decides whether an event loop polls again immediately or sleeps until an event arrives. Confined
 * to the loop. Works with epoll only: an NIO loop always sleeps.
 */
public final class LoopPoll {
  /** More than a round trip on one machine; after it the peer is busy, and sleeping costs less. */
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

  /** On the loop: announces that an event is due within about a round trip. */
  public void expect() {
    if (polling == Polling.ADAPTIVE) {
      due = true;
      untilNanos = clock.getAsLong() + SPIN_NANOS;
    }
  }

  /** The strategy for the loop's I/O handler. */
  SelectStrategy strategy() {
    return this::next;
  }

  /** Polls without waiting, or lets the loop sleep. */
  private int next(IntSupplier pollNow, boolean hasTasks) throws Exception {
    return hasTasks || spins() ? pollNow.get() : SelectStrategy.SELECT;
  }

  private boolean spins() {
    if (due) {
      due = clock.getAsLong() - untilNanos < 0;
    }
    return due || polling == Polling.SPIN;
  }
}
