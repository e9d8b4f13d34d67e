package io.faultline.proto;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection is paused by its receiver: nothing is read from its socket, and what was
 * read before that is held back. That is the rest of one round of reads at most, and what was still
 * in the socket if the peer closes the connection meanwhile. Confined to the connection's event
 * loop.
 */
final class PausedReads {
  private final Deque<ByteBuf> held = new ArrayDeque<>(1);
  private @Nullable DirectReads direct;
  private boolean paused;

  boolean isPaused() {
    return paused;
  }

  /** From now on the connection is read bypassing the pipeline. */
  void readBy(DirectReads reads) {
    direct = reads;
  }

  void start(Channel channel) {
    paused = true;
    if (direct != null) {
      direct.pause();
    } else {
      channel.config().setAutoRead(false);
    }
  }

  /** Takes bytes that were read before the pause, or after it began. */
  void hold(ByteBuf bytes) {
    held.add(bytes);
  }

  /** Ends the pause; the held bytes come first. */
  void end() {
    paused = false;
  }

  /** The first held bytes; null if there are none. */
  @Nullable ByteBuf first() {
    return held.peek();
  }

  /** The first held bytes have been passed. */
  void removeFirst() {
    held.remove().release();
  }

  /** Everything held has been passed: reads the socket again. */
  void readAgain(Channel channel) {
    if (direct != null) {
      direct.resume();
    } else {
      channel.config().setAutoRead(true);
    }
  }

  /** Drops the held bytes of a connection that has ended. */
  void drop() {
    while (!held.isEmpty()) {
      removeFirst();
    }
  }
}
