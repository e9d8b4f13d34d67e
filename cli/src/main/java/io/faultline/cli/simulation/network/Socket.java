package io.faultline.cli.simulation.network;

import io.faultline.cli.simulation.runtime.SimulatedLoop;
import io.faultline.cli.simulation.runtime.SimulatedProcess;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One side of a connection: received data that was not read yet, and data in flight to this side.
 * Bytes arrive in order or never.
 */
public final class Socket implements SimulatedProcess.OpenSocket {
  private final Connection connection;
  private final SimulatedProcess process;
  private final InetSocketAddress address;
  private final FrameSplitter splitter = new FrameSplitter();
  private final Deque<byte[]> inbox = new ArrayDeque<>();
  private @Nullable SimulatedChannel channel;
  private int firstOffset;
  private int unreadBytes;
  private int inFlightBytes;
  private long lastArrivalNanos;
  private boolean endArrived;
  private boolean closed;
  private @Nullable IOException error;

  Socket(Connection connection, SimulatedProcess process, InetSocketAddress address) {
    this.connection = connection;
    this.process = process;
    this.address = address;
    process.opened(this);
  }

  public Connection connection() {
    return connection;
  }

  SimulatedProcess process() {
    return process;
  }

  InetSocketAddress localAddress() {
    return address;
  }

  Socket peer() {
    return connection.peerOf(this);
  }

  boolean isClosed() {
    return closed;
  }

  /** Bytes that occupy the receive window: received and not read, or in flight to this side. */
  int windowUsedBytes() {
    return unreadBytes + inFlightBytes;
  }

  void attach(SimulatedChannel to) {
    channel = to;
  }

  // Called by the process ---------------------------------------------------------------------

  /** How many bytes a write accepts now. */
  int writableBytes() {
    return error != null ? 1 : connection.windowBytes() - peer().windowUsedBytes();
  }

  void write(byte[] bytes) throws IOException {
    if (error != null) {
      throw new IOException(error.getMessage());
    }
    splitter.accept(bytes, frame -> connection.network().sent(this, frame));
  }

  boolean isReadable() {
    return unreadBytes > 0 || endArrived || error != null;
  }

  /** Reads received data; returns the number of bytes, 0 for none, -1 at the end of the stream. */
  int read(ByteBuf into) throws IOException {
    if (unreadBytes == 0) {
      if (error != null) {
        throw new IOException(error.getMessage());
      }
      return endArrived ? -1 : 0;
    }
    byte[] first = inbox.element();
    int count = Math.min(first.length - firstOffset, into.writableBytes());
    into.writeBytes(first, firstOffset, count);
    firstOffset += count;
    unreadBytes -= count;
    if (firstOffset == first.length) {
      inbox.remove();
      firstOffset = 0;
    }
    connection.simulator().after(connection.latencyNanos(), peer()::windowOpened);
    return count;
  }

  private void windowOpened() {
    if (channel != null && !closed && writableBytes() > 0) {
      channel.writable();
    }
  }

  /** Closes it; with unread data the peer receives a reset, as on Linux. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    process.closed(this);
    if (unreadBytes > 0) {
      sendReset();
    } else {
      sendEnd();
    }
  }

  @Override
  public void processEnded(boolean powerLoss) {
    if (powerLoss) {
      closed = true;
      connection.silence();
    } else {
      close();
    }
  }

  @Override
  public void closeChannel() {
    SimulatedChannel attached = channel;
    if (attached != null
        && attached.isRegistered()
        && attached.eventLoop() instanceof SimulatedLoop loop) {
      loop.runNow(() -> attached.unsafe().close(attached.voidPromise()));
    }
    close();
  }

  // Called by the network ---------------------------------------------------------------------

  /** Sends bytes to the peer, in segments. */
  void transmit(byte[] bytes) {
    int at = 0;
    while (at < bytes.length) {
      int length = Math.min(bytes.length - at, connection.segmentBytes());
      byte[] segment = Arrays.copyOfRange(bytes, at, at + length);
      at += length;
      Socket to = peer();
      to.inFlightBytes += length;
      arriveLater(() -> to.arrive(segment));
    }
  }

  /** Ends this direction of the connection (FIN). */
  void sendEnd() {
    arriveLater(() -> peer().end());
  }

  private void sendReset() {
    arriveLater(() -> peer().fail("Connection reset by peer"));
  }

  private void arriveLater(Runnable arrival) {
    long arrivalNanos = connection.arrivalNanos();
    if (arrivalNanos == Long.MAX_VALUE) {
      return; // the connection is silent: lost
    }
    lastArrivalNanos = Math.max(lastArrivalNanos + 1, arrivalNanos);
    connection.simulator().after(lastArrivalNanos - connection.simulator().nowNanos(), arrival);
  }

  private void arrive(byte[] bytes) {
    inFlightBytes -= bytes.length;
    if (connection.isCut() || error != null || endArrived) {
      return;
    }
    if (closed) {
      if (process.isAlive()) {
        sendReset();
      }
      return;
    }
    inbox.add(bytes);
    unreadBytes += bytes.length;
    if (channel != null) {
      channel.readable();
    }
  }

  private void end() {
    if (!closed && !connection.isCut() && error == null) {
      endArrived = true;
      if (channel != null) {
        channel.readable();
      }
    }
  }

  /** Fails all reads and writes from now on. */
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
