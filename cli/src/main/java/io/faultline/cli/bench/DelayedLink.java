package io.faultline.cli.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A relay that makes the loopback interface a long way: what goes in comes out after a delay, in
 * either direction, and each connection has no more than a window of bytes under way that nobody
 * has acknowledged yet, as TCP has it. So a connection carries a window in each round trip at most,
 * and several carry more. Needs no privilege. Thread-safe.
 */
final class DelayedLink implements AutoCloseable {
  private static final int PIECE_BYTES = 64 << 10;

  private final ServerSocket listening;
  private final InetSocketAddress destination;
  private final long delayNanos;
  private final int windowBytes;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Bytes under way, and when they come out; none at the end of the stream. */
  private static final class Piece {
    private final byte[] bytes;
    private final long outNanos;

    Piece(byte[] bytes, long outNanos) {
      this.bytes = bytes;
      this.outNanos = outNanos;
    }
  }

  /** Bytes that were sent, and when the sender hears that they came out. */
  private record Sent(int bytes, long acknowledgedNanos) {}

  /**
   * Listens on the loopback interface.
   *
   * @param delay from one end to the other
   * @param windowBytes of each connection, in either direction; at least 64 KiB
   */
  DelayedLink(InetSocketAddress destination, Duration delay, int windowBytes) throws IOException {
    if (windowBytes < PIECE_BYTES) {
      throw new IllegalArgumentException("a window of " + windowBytes + " bytes");
    }
    this.destination = destination;
    this.delayNanos = delay.toNanos();
    this.windowBytes = windowBytes;
    listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  /** Where to connect to. */
  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket each : sockets) {
      each.close();
    }
  }

  private void serve() {
    try {
      while (true) {
        join(listening.accept());
      }
    } catch (IOException e) {
      sockets.forEach(DelayedLink::end); // it was closed, or the destination is not there
    }
  }

  private void join(Socket near) throws IOException {
    sockets.add(near);
    Socket far = new Socket(destination.getAddress(), destination.getPort());
    sockets.add(far);
    carry(near, far);
    carry(far, near);
  }

  private void carry(Socket from, Socket to) throws IOException {
    to.setTcpNoDelay(true);
    BlockingQueue<Piece> underWay = new ArrayBlockingQueue<>(windowBytes / PIECE_BYTES * 64);
    Thread.ofVirtual().start(() -> guarded(from, to, () -> take(from, underWay)));
    Thread.ofVirtual().start(() -> guarded(from, to, () -> bring(to, underWay)));
  }

  private void take(Socket from, BlockingQueue<Piece> underWay)
      throws IOException, InterruptedException {
    InputStream in = from.getInputStream();
    ArrayDeque<Sent> sent = new ArrayDeque<>();
    byte[] buffer = new byte[PIECE_BYTES];
    int open = 0;
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      while (open + count > windowBytes) {
        Sent first = sent.remove();
        sleepUntil(first.acknowledgedNanos);
        open -= first.bytes;
      }
      long now = System.nanoTime();
      open += count;
      sent.add(new Sent(count, now + 2 * delayNanos));
      underWay.put(new Piece(Arrays.copyOf(buffer, count), now + delayNanos));
    }
    underWay.put(new Piece(new byte[0], System.nanoTime() + delayNanos));
  }

  private static void bring(Socket to, BlockingQueue<Piece> underWay)
      throws IOException, InterruptedException {
    OutputStream out = to.getOutputStream();
    while (true) {
      Piece next = underWay.take();
      sleepUntil(next.outNanos);
      if (next.bytes.length == 0) {
        to.shutdownOutput();
        return;
      }
      out.write(next.bytes);
    }
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    long left = nanos - System.nanoTime();
    if (left > 0) {
      Thread.sleep(Duration.ofNanos(left));
    }
  }

  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  private static void guarded(Socket one, Socket other, Step step) {
    try {
      step.run();
    } catch (IOException | InterruptedException e) {
      end(one); // the other end hears of it as of any connection that breaks
      end(other);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException("a socket cannot be closed", e);
    }
  }
}
