package io.faultline.tests.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Stands between a source and a destination, and does to their connections what a plan says, each
 * once so many bytes have come from the source. Connections that are made afterwards work, until
 * the next. Thread-safe.
 */
final class BreakingRelay implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 << 10;
  private static final long SLOW_MILLIS = 1500;
  private static final long KEEP_ALIVE_MILLIS = 2000;

  private final ServerSocket listening = Ports.listen();
  private final int destination;
  private final ConcurrentLinkedQueue<FaultPlan.Fault> due;
  private final Consumer<FaultPlan.Kind> others;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger done = new AtomicInteger();
  private final List<Pair> pairs = new CopyOnWriteArrayList<>();

  /** Connections up to this time carry a kibibyte a second. */
  private volatile long slowUntilNanos = System.nanoTime();

  private BreakingRelay(int port, List<FaultPlan.Fault> faults, Consumer<FaultPlan.Kind> others)
      throws IOException {
    destination = port;
    due = new ConcurrentLinkedQueue<>(faults);
    this.others = others;
  }

  /**
   * Listens, and passes on to a port.
   *
   * @param others does what is not for a relay to do, on a thread of the relay
   */
  static BreakingRelay to(int port, List<FaultPlan.Fault> faults, Consumer<FaultPlan.Kind> others)
      throws IOException {
    BreakingRelay relay = new BreakingRelay(port, faults, others);
    Thread.ofVirtual().start(relay::serve);
    return relay;
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Faults so far. */
  int done() {
    return done.get();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    pairs.forEach(Pair::close);
  }

  private void serve() {
    try {
      while (true) {
        Socket source = listening.accept();
        Pair pair = new Pair(source, connect(source));
        pairs.add(pair);
        Thread.ofVirtual().start(() -> pass(pair, pair.source, pair.destination, true));
        Thread.ofVirtual().start(() -> pass(pair, pair.destination, pair.source, false));
      }
    } catch (IOException e) {
      pairs.forEach(Pair::close); // it was closed, or the destination is no more
    }
  }

  /** Nobody may be there: then the source's connection ends at once. */
  private Socket connect(Socket source) throws IOException {
    try {
      return new Socket(InetAddress.getLoopbackAddress(), destination);
    } catch (IOException e) {
      source.close();
      return new Socket();
    }
  }

  private void pass(Pair pair, Socket from, Socket to, boolean fromSource) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (fromSource) {
          strike(bytes.addAndGet(count));
        }
        slowDown(count);
        if (pair.carries(fromSource)) {
          out.write(buffer, 0, count);
        }
      }
    } catch (IOException | InterruptedException e) {
      pair.end();
      return;
    }
    pair.end();
  }

  private void slowDown(int count) throws InterruptedException {
    long left = slowUntilNanos - System.nanoTime();
    if (left > 0) {
      Thread.sleep(Math.min(left / 1_000_000, count)); // a kibibyte a second
    }
  }

  private void strike(long so) throws IOException {
    FaultPlan.Fault next = due.peek();
    if (next == null || next.atBytes() > so || !due.remove(next)) {
      return;
    }
    done.incrementAndGet();
    switch (next.kind()) {
      case CUT -> pairs.forEach(Pair::close);
      case RESET -> pairs.forEach(Pair::reset);
      case BLACKHOLE -> pairs.forEach(pair -> pair.swallow(true, true));
      case HALF_OPEN -> pairs.forEach(pair -> pair.swallow(true, false));
      case SLOW -> slowUntilNanos = System.nanoTime() + SLOW_MILLIS * 1_000_000;
      case NO_DESCRIPTORS_AT_SOURCE -> {
        others.accept(next.kind());
        pairs.forEach(Pair::close);
      }
      default -> others.accept(next.kind());
    }
  }

  /** A connection of the source, and what it is passed on over. */
  private static final class Pair {
    private final Socket source;
    private final Socket destination;
    private volatile boolean toDestination = true;
    private volatile boolean toSource = true;

    Pair(Socket source, Socket destination) {
      this.source = source;
      this.destination = destination;
    }

    boolean carries(boolean fromSource) {
      return fromSource ? toDestination : toSource;
    }

    void swallow(boolean forDestination, boolean forSource) {
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
     * One side has ended: so does the other; where nothing comes through, as keep-alive ends it.
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
      for (Socket socket : new Socket[] {source, destination}) {
        try {
          socket.close();
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
