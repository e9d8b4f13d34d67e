package io.faultline.proto;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.IoEventLoop;
import java.util.random.RandomGenerator;

/**
 * What a node has of the world: event loops, channels, time and chance. {@link Transport} is that
 * of this machine; a simulation has its own, and everything above runs on it unchanged.
 */
public interface NodeEnvironment extends AutoCloseable {
  /** Starts an event loop that sleeps when there is nothing to do. */
  default IoEventLoop newLoop(String threadName) {
    return newLoop(threadName, new LoopPoll(Polling.BLOCK));
  }

  /** Starts an event loop. */
  IoEventLoop newLoop(String threadName, LoopPoll poll);

  /** For outgoing connections. */
  Bootstrap client();

  /** For incoming connections. */
  ServerBootstrap server();

  /** The clock, in nanoseconds: only differences have a meaning. Any thread. */
  long nanoTime();

  /** For migration ids and keys, which strangers must not guess, and for pauses. Any thread. */
  RandomGenerator random();

  /** Ends all loops and waits for their threads. */
  @Override
  void close();
}
