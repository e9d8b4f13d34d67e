package io.faultline.tests.process;

import io.faultline.tests.relay.Relay;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Injects the faults of a plan into the connections between a source and a destination, each once
 * the source has sent a number of bytes. Connections that are established afterwards work until the
 * next fault. Thread-safe.
 */
final class BreakingRelay extends Relay {
  private static final int BUFFER_BYTES = 16 << 10;
  private static final long SLOW_MILLIS = 1500;
  private static final long KEEP_ALIVE_MILLIS = 2000;

  private final ConcurrentLinkedQueue<FaultPlan.Fault> due;
  private final Consumer<FaultPlan.Kind> otherFaults;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger done = new AtomicInteger();
  private final List<Connection> connections = new CopyOnWriteArrayList<>();

  /** Until this time connections carry a kibibyte per second. */
  private volatile long slowUntilNanos = System.nanoTime();

  private BreakingRelay(
      int port, List<FaultPlan.Fault> faults, Consumer<FaultPlan.Kind> otherFaults)
      throws IOException {
    super(port);
    due = new ConcurrentLinkedQueue<>(faults);
    this.otherFaults = otherFaults;
  }

  /**
   * Starts a relay.
   *
   * @param port of the destination
   * @param otherFaults injects the faults that a relay cannot, on a thread of the relay
   */
  static BreakingRelay to(
      int port, List<FaultPlan.Fault> faults, Consumer<FaultPlan.Kind> otherFaults)
      throws IOException {
    BreakingRelay relay = new BreakingRelay(port, faults, otherFaults);
    relay.start();
    return relay;
  }

  /** The number of faults injected so far. */
  int done() {
    return done.get();
  }

  @Override
  protected void relay(Socket source, Socket destination, int number) {
    Connection connection = new Connection(source, destination);
    connections.add(connection);
    Thread.ofVirtual().start(() -> pass(connection, destination, source, false));
    pass(connection, source, destination, true);
  }

  private void pass(Connection connection, Socket from, Socket to, boolean fromSource) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (fromSource) {
          injectNext(bytes.addAndGet(count));
        }
        slowDown(count);
        if (connection.carries(fromSource)) {
          out.write(buffer, 0, count);
        }
      }
    } catch (IOException | InterruptedException e) {
      connection.end();
      return;
    }
    connection.end();
  }

  private void slowDown(int count) throws InterruptedException {
    long left = slowUntilNanos - System.nanoTime();
    if (left > 0) {
      Thread.sleep(Math.min(left / 1_000_000, count)); // a millisecond per byte
    }
  }

  /** Injects the next fault if the source has sent enough bytes. */
  private void injectNext(long sentBytes) throws IOException {
    FaultPlan.Fault next = due.peek();
    if (next == null || next.atBytes() > sentBytes || !due.remove(next)) {
      return;
    }
    done.incrementAndGet();
    switch (next.kind()) {
      case CUT -> connections.forEach(Connection::close);
      case RESET -> connections.forEach(Connection::reset);
      case BLACKHOLE -> connections.forEach(each -> each.discard(true, true));
      case HALF_OPEN -> connections.forEach(each -> each.discard(true, false));
      case SLOW -> slowUntilNanos = System.nanoTime() + SLOW_MILLIS * 1_000_000;
      case NO_DESCRIPTORS_AT_SOURCE -> {
        otherFaults.accept(next.kind());
        connections.forEach(Connection::close);
      }
      default -> otherFaults.accept(next.kind());
    }
  }

  /** A connection of the source, and its counterpart to the destination. */
  private static final class Connection {
    private final Socket source;
    private final Socket destination;
    private volatile boolean toDestination = true;
    private volatile boolean toSource = true;

    Connection(Socket source, Socket destination) {
      this.source = source;
      this.destination = destination;
    }

    boolean carries(boolean fromSource) {
      return fromSource ? toDestination : toSource;
    }

    /** Stays open, and from now on discards what it receives for one or both sides. */
    void discard(boolean forDestination, boolean forSource) {
      toDestination &= !forDestination;
      toSource &= !forSource;
    }

    void reset() {
      try {
        source.setSoLinger(true, 0);
        destination.setSoLinger(true, 0);
      } catch (SocketException e) {
        close(); // it was closed before
      }
      close();
    }

    /**
     * Closes both sides when one has ended. If it carries nothing, that comes late, as a keep-alive
     * would close it.
     */
    void end() {
      if (!toDestination || !toSource) {
        try {
          Thread.sleep(KEEP_ALIVE_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      close();
    }

    void close() {
      closeAll(source, destination);
    }
  }
}
