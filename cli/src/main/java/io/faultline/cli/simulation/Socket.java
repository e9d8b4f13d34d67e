package io.faultline.cli.simulation;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection: what has arrived and was not read, and what is on its way to the other
 * end. Bytes arrive in their order, or never.
 */
final class Socket {
  private final Link link;
  private final SimulatedProcess process;
  private final InetSocketAddress address;
  private final FrameSplitter splitter = new FrameSplitter();
  private final Deque<byte[]> inbox = new ArrayDeque<>();
  private @Nullable SimulatedChannel channel;
  private int readOfFirst;
  private int unread;
  private int flying;
  private long lastArrivalNanos;
  private boolean endArrived;
  private boolean closed;
  private @Nullable IOException error;

  Socket(Link link, SimulatedProcess process, InetSocketAddress address) {
    this.link = link;
    this.process = process;
    this.address = address;
    process.opened(this);
  }

  Link link() {
    return link;
  }

  SimulatedProcess process() {
    return process;
  }

  InetSocketAddress localAddress() {
    return address;
  }

  Socket peer() {
    return link.other(this);
  }

  boolean isClosed() {
    return closed;
  }

  /** Bytes that have arrived and were not read, or are on their way here. */
  int bytesHeld() {
    return unread + flying;
  }

  void attach(SimulatedChannel to) {
    channel = to;
  }

  // The process's side ------------------------------------------------------------------------

  /** How much it takes now. */
  int room() {
    return error != null ? 1 : link.windowBytes() - peer().bytesHeld();
  }

  void write(byte[] bytes) throws IOException {
    if (error != null) {
      throw new IOException(error.getMessage());
    }
    splitter.accept(bytes, frame -> link.network().sent(this, frame));
  }

  boolean isReadable() {
    return unread > 0 || endArrived || error != null;
  }

  /** Reads what there is, or less: 0 for nothing, -1 for the end. */
  int read(ByteBuf into) throws IOException {
    if (unread == 0) {
      if (error != null) {
        throw new IOException(error.getMessage());
      }
      return endArrived ? -1 : 0;
    }
    byte[] first = inbox.element();
    int most = Math.min(first.length - readOfFirst, into.writableBytes());
    into.writeBytes(first, readOfFirst, most);
    readOfFirst += most;
    unread -= most;
    if (readOfFirst == first.length) {
      inbox.remove();
      readOfFirst = 0;
    }
    link.world().after(link.latencyNanos(), peer()::roomAgain);
    return most;
  }

  private void roomAgain() {
    if (channel != null && !closed && room() > 0) {
      channel.writable();
    }
  }

  /** The process closes it. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    process.closed(this);
    if (unread > 0) {
      sendReset();
    } else {
      sendEnd();
    }
  }

  /** The process is gone: its system closes, or nobody does. */
  void processGone(boolean machine) {
    if (machine) {
      closed = true;
      link.silence();
    } else {
      close();
    }
  }

  /** Has the channel let go of all that it holds. */
  void closeChannel() {
    SimulatedChannel of = channel;
    if (of != null && of.isRegistered() && of.eventLoop() instanceof SimulatedLoop loop) {
      loop.runNow(() -> of.unsafe().close(of.voidPromise()));
    }
    close();
  }

  // The network's side ------------------------------------------------------------------------

  /** Sends bytes to the other end, in pieces. */
  void transmit(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      int piece = Math.min(bytes.length - at, link.pieceBytes());
      byte[] part = java.util.Arrays.copyOfRange(bytes, at, at + piece);
      at += piece;
      Socket to = peer();
      to.flying += piece;
      arriveLater(() -> to.arrive(part));
    }
  }

  /** No data follows in this direction. */
  void sendEnd() {
    arriveLater(() -> peer().end());
  }

  private void sendReset() {
    arriveLater(() -> peer().fail("Connection reset by peer"));
  }

  private void arriveLater(Runnable what) {
    long arrival = link.arrivalNanos();
    if (arrival == Long.MAX_VALUE) {
      return; // lost with what is silent
    }
    lastArrivalNanos = Math.max(lastArrivalNanos + 1, arrival);
    link.world().after(lastArrivalNanos - link.world().nowNanos(), what);
  }

  private void arrive(byte[] bytes) {
    flying -= bytes.length;
    if (link.isCut() || error != null || endArrived) {
      return;
    }
    if (closed) {
      if (process.isAlive()) {
        sendReset();
      }
      return;
    }
    inbox.add(bytes);
    unread += bytes.length;
    if (channel != null) {
      channel.readable();
    }
  }

  private void end() {
    if (!closed && !link.isCut() && error == null) {
      endArrived = true;
      if (channel != null) {
        channel.readable();
      }
    }
  }

  /** It does not work any more. */
  void fail(String why) {
    if (closed || error != null) {
      return;
    }
    error = new IOException(why);
    if (channel != null) {
      channel.readable();
      channel.writable();
    }
  }
}
