package io.faultline.proto;

import io.faultline.proto.linux.TimeSlice;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.IoEventLoop;
import java.util.random.RandomGenerator;

/**
 * The environment of a node: event loops, channels, clock and random numbers. {@link Transport} is
 * the real one; a simulation has its own, on which the same node code runs.
 */
public interface NodeEnvironment extends AutoCloseable {
  /** Starts an event loop that sleeps while idle. */
  default IoEventLoop newLoop(String threadName) {
    return newLoop(threadName, new LoopPoll(Polling.BLOCK));
  }

  /** Starts an event loop. */
  IoEventLoop newLoop(String threadName, LoopPoll poll);

  /**
   * Decides how soon the scheduler runs the thread of a loop, compared to others. A simulation has
   * no scheduler, and ignores it.
   */
  default void schedule(IoEventLoop loop, TimeSlice slice) {}

  /** A bootstrap for outgoing connections. */
  Bootstrap client();

  /** A bootstrap for incoming connections. */
  ServerBootstrap server();

  /** The clock, in nanoseconds; only differences are meaningful. Any thread. */
  long nanoTime();

  /**
   * Random numbers for migration ids and keys, which outsiders must not be able to guess, and for
   * backoff. Any thread.
   */
  RandomGenerator random();

  /** Ends all loops and waits for their threads. */
  @Override
  void close();
}
