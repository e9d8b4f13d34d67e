package io.faultline.cli.bench.measure;

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
 * A relay that emulates a long-distance link on the loopback interface. It delays data in both
 * directions and, like TCP, limits the unacknowledged bytes of each connection to a window: one
 * connection carries at most a window per round trip, several carry more. Needs no privileges.
 * Thread-safe.
 */
final class DelayedLink implements AutoCloseable {
  private static final int CHUNK_BYTES = 64 << 10;

  private final ServerSocket listening;
  private final InetSocketAddress destination;
  private final long delayNanos;
  private final int windowBytes;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** Data in flight and its arrival time; empty at the end of the stream. */
  private static final class Chunk {
    private final byte[] bytes;
    private final long arrivalNanos;

    Chunk(byte[] bytes, long arrivalNanos) {
      this.bytes = bytes;
      this.arrivalNanos = arrivalNanos;
    }
  }

  /** A number of sent bytes, and when their acknowledgement reaches the sender. */
  private record Sent(int bytes, long acknowledgedNanos) {}

  /**
   * Listens on the loopback interface.
   *
   * @param delay one-way delay
   * @param windowBytes window of each connection and direction; at least 64 KiB
   */
  DelayedLink(InetSocketAddress destination, Duration delay, int windowBytes) throws IOException {
    if (windowBytes < CHUNK_BYTES) {
      throw new IllegalArgumentException(
          "window of " + windowBytes + " bytes: at least " + CHUNK_BYTES);
    }
    this.destination = destination;
    this.delayNanos = delay.toNanos();
    this.windowBytes = windowBytes;
    listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  /** The address to connect to. */
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
      sockets.forEach(DelayedLink::end); // closed, or the destination does not accept
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
    BlockingQueue<Chunk> inFlight = new ArrayBlockingQueue<>(windowBytes / CHUNK_BYTES * 64);
    Thread.ofVirtual().start(() -> guarded(from, to, () -> receive(from, inFlight)));
    Thread.ofVirtual().start(() -> guarded(from, to, () -> deliver(to, inFlight)));
  }

  private void receive(Socket from, BlockingQueue<Chunk> inFlight)
      throws IOException, InterruptedException {
    InputStream in = from.getInputStream();
    ArrayDeque<Sent> sent = new ArrayDeque<>();
    byte[] buffer = new byte[CHUNK_BYTES];
    int unacknowledged = 0;
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      while (unacknowledged + count > windowBytes) {
        Sent first = sent.remove();
        sleepUntil(first.acknowledgedNanos);
        unacknowledged -= first.bytes;
      }
      long now = System.nanoTime();
      unacknowledged += count;
      sent.add(new Sent(count, now + 2 * delayNanos));
      inFlight.put(new Chunk(Arrays.copyOf(buffer, count), now + delayNanos));
    }
    inFlight.put(new Chunk(new byte[0], System.nanoTime() + delayNanos));
  }

  private static void deliver(Socket to, BlockingQueue<Chunk> inFlight)
      throws IOException, InterruptedException {
    OutputStream out = to.getOutputStream();
    while (true) {
      Chunk next = inFlight.take();
      sleepUntil(next.arrivalNanos);
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
      end(one); // both peers see a broken connection
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
