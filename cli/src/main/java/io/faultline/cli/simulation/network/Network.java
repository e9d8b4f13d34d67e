package io.faultline.cli.simulation.network;

import io.faultline.cli.simulation.runtime.SimulatedProcess;
import io.faultline.cli.simulation.runtime.Simulator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The network between the nodes: its connections, latency and faults. */
public final class Network {
  private static final long CONNECT_TIMEOUT_NANOS = 10_000_000_000L;

  private final Simulator simulator;
  private final long latencyNanos;
  private final FrameTampering tampering;
  private final Map<SocketAddress, SimulatedServerChannel> listening = new HashMap<>();
  private final List<Connection> connections = new ArrayList<>();
  private final List<BiConsumer<Socket, WireFrame>> frameListeners = new ArrayList<>();
  private long outageEndNanos;
  private long slowEndNanos;
  private WireFrame.@Nullable Part corruptNext;

  /** Receives the result of a connection attempt. */
  interface ConnectListener {
    void connected(Socket socket);

    void failed(IOException why);
  }

  /**
   * @param latencyNanos mean one-way latency
   * @param tampering changes the frames that nodes send
   */
  public Network(Simulator simulator, long latencyNanos, FrameTampering tampering) {
    this.simulator = simulator;
    this.latencyNanos = latencyNanos;
    this.tampering = tampering;
  }

  Simulator simulator() {
    return simulator;
  }

  /** All connections so far, open and closed. */
  public List<Connection> connections() {
    return connections;
  }

  /** Notifies a listener of each frame on the wire, with the socket that sends it. */
  public void watch(BiConsumer<Socket, WireFrame> listener) {
    frameListeners.add(listener);
  }

  void listen(SocketAddress address, SimulatedServerChannel channel) {
    listening.put(address, channel);
  }

  /** Draws a one-way latency. */
  long latencyNanos() {
    boolean slow = simulator.nowNanos() < slowEndNanos;
    long usual = latencyNanos / 2 + simulator.random().nextLong(latencyNanos);
    return slow ? 100 * usual : usual;
  }

  /** Draws the arrival time of data that is sent now. */
  long arrivalNanos() {
    return Math.max(simulator.nowNanos(), outageEndNanos) + latencyNanos();
  }

  /** Delays all traffic until the outage is over; nothing is lost. */
  public void outage(long nanos) {
    outageEndNanos = Math.max(outageEndNanos, simulator.nowNanos() + nanos);
    simulator.trace("network", () -> "outage for " + nanos / 1_000_000 + " ms");
  }

  /** Silences every open connection, and lets no new one be established for the given time. */
  public void blackhole(long nanos) {
    outage(nanos);
    connections.stream().filter(Connection::isOpen).forEach(Connection::silence);
  }

  /** Multiplies the latency by 100 for the given time. */
  public void slow(long nanos) {
    slowEndNanos = simulator.nowNanos() + nanos;
    simulator.trace("network", () -> "100 times the latency for " + nanos / 1_000_000 + " ms");
  }

  /** Flips one bit in this part of the next frame that has it. */
  public void corruptNext(WireFrame.Part part) {
    corruptNext = part;
  }

  void connect(SimulatedProcess from, SocketAddress to, ConnectListener listener) {
    boolean unreachable = outageEndNanos - simulator.nowNanos() > CONNECT_TIMEOUT_NANOS;
    if (unreachable) {
      simulator.after(
          CONNECT_TIMEOUT_NANOS,
          () -> listener.failed(new IOException("connection timed out after 10000 ms")));
      return;
    }
    long arrival = arrivalNanos() - simulator.nowNanos();
    simulator.after(arrival, () -> accept(from, to, listener));
  }

  private void accept(SimulatedProcess from, SocketAddress to, ConnectListener listener) {
    SimulatedServerChannel server = listening.get(to);
    if (server == null || !server.process().isAlive()) {
      simulator.after(latencyNanos(), () -> listener.failed(new IOException("Connection refused")));
      return;
    }
    Connection connection = newConnection(from, server.process(), (InetSocketAddress) to);
    server.accept(connection.server());
    simulator.after(
        latencyNanos(),
        () -> {
          if (from.isAlive()) {
            listener.connected(connection.client());
          }
        });
  }

  private Connection newConnection(
      SimulatedProcess from, SimulatedProcess to, InetSocketAddress address) {
    Connection connection = new Connection(this, connections.size() + 1, from, to, address);
    connections.add(connection);
    return connection;
  }

  /**
   * Replays an old connection: a new one carries the same client frames. To a destination that was
   * restarted in the meantime it carries the hello only: a real client sends the rest only in reply
   * to the destination. Only TLS protects against an attacker who replays everything.
   */
  public void replay(Connection old) {
    InetSocketAddress to = old.server().localAddress();
    SimulatedServerChannel server = listening.get(to);
    if (server == null || !server.process().isAlive()) {
      return;
    }
    Connection replayed = newConnection(old.client().process(), server.process(), to);
    simulator.trace("network", () -> "replays " + old);
    server.accept(replayed.server());
    boolean sameProcess = server.process() == old.server().process();
    old.clientFrames().stream()
        .limit(sameProcess ? Long.MAX_VALUE : 1)
        .forEach(replayed.client()::transmit);
    simulator.after(
        latencyNanos() * (1 + simulator.random().nextInt(2000)), replayed.client()::close);
  }

  /** Sends a frame on a connection although the client's process does not. */
  public void sendFromClient(Connection connection, WireFrame frame) {
    connection.client().transmit(frame.bytes());
  }

  /** Called for each frame that a node sends. */
  void sent(Socket from, WireFrame frame) {
    Connection connection = from.connection();
    if (from == connection.client()) {
      connection.record(frame);
    }
    tampering.pass(from, frame, passed -> transmit(from, passed));
  }

  private void transmit(Socket from, WireFrame frame) {
    byte[] bytes = frame.bytes();
    simulator.trace(from.process().name(), () -> from.connection() + " > " + frame.describe());
    if (corruptNext != null && frame.has(corruptNext)) {
      int at = frame.start(corruptNext);
      at += simulator.random().nextInt(frame.end(corruptNext) - at);
      bytes = bytes.clone();
      bytes[at] ^= (byte) (1 << simulator.random().nextInt(8));
      simulator.trace("network", () -> "flips a bit of that frame");
      corruptNext = null;
    }
    from.transmit(bytes);
    for (BiConsumer<Socket, WireFrame> listener : frameListeners) {
      listener.accept(from, frame);
    }
  }
}
