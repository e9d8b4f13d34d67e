package io.faultline.cli.simulation.network;

import io.faultline.cli.simulation.runtime.SimulatedProcess;
import io.faultline.cli.simulation.runtime.Simulator;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A TCP connection: its two sockets, window and segment size, and whether it still works. */
public final class Connection {
  /** TCP_USER_TIMEOUT and keep-alive: when Linux gives up on a peer that does not respond. */
  public static final long SILENCE_NANOS = 10_000_000_000L;

  private static final int MAX_RECORDED_BYTES = 1 << 20;

  private final Network network;
  private final int number;
  private final Socket client;
  private final Socket server;
  private final int windowBytes;
  private final int maxSegmentBytes;
  private final List<byte[]> clientFrames = new ArrayList<>();
  private int recordedBytes;
  private @Nullable Hello hello;
  private boolean cut;
  private boolean silent;

  Connection(
      Network network,
      int number,
      SimulatedProcess from,
      SimulatedProcess to,
      InetSocketAddress server) {
    this.network = network;
    this.number = number;
    this.client = new Socket(this, from, new InetSocketAddress("10.0.0.1", 40_000 + number));
    this.server = new Socket(this, to, server);
    windowBytes = 4096 << simulator().random().nextInt(8);
    maxSegmentBytes = 256 << simulator().random().nextInt(10);
  }

  Network network() {
    return network;
  }

  Simulator simulator() {
    return network.simulator();
  }

  public Socket client() {
    return client;
  }

  public Socket server() {
    return server;
  }

  Socket peerOf(Socket socket) {
    return socket == client ? server : client;
  }

  int windowBytes() {
    return windowBytes;
  }

  /** Draws the size of the next segment. */
  int segmentBytes() {
    return simulator().oneIn(4)
        ? 1 + simulator().random().nextInt(maxSegmentBytes)
        : maxSegmentBytes;
  }

  long latencyNanos() {
    return network.latencyNanos();
  }

  /** Draws the arrival time of data that is sent now; {@link Long#MAX_VALUE} for never. */
  long arrivalNanos() {
    return silent || cut ? Long.MAX_VALUE : network.arrivalNanos();
  }

  /** The hello of the client; null until it is sent. */
  public @Nullable Hello hello() {
    return hello;
  }

  public boolean isBulk() {
    return hello != null && hello.getRole() == Role.ROLE_BULK;
  }

  public int attempt() {
    return hello == null ? 0 : hello.getAttempt();
  }

  /** The client sends a frame. */
  void record(WireFrame frame) {
    if (hello == null && frame.frame().hasHello()) {
      hello = frame.frame().getHello();
    }
    if (recordedBytes < MAX_RECORDED_BYTES) {
      clientFrames.add(frame.bytes());
      recordedBytes += frame.bytes().length;
    }
  }

  /** The first frames that the client sent, about 1 MiB of them, for {@link Network#replay}. */
  List<byte[]> clientFrames() {
    return List.copyOf(clientFrames);
  }

  boolean isCut() {
    return cut;
  }

  /** Whether it can still carry data. */
  public boolean isOpen() {
    return !cut && !silent && !client.isClosed() && !server.isClosed();
  }

  /** Resets both sockets; data in flight is lost. */
  public void cut() {
    if (!cut) {
      simulator().trace("network", () -> "resets " + this);
      cut = true;
      client.fail("Connection reset by peer");
      server.fail("Connection reset by peer");
    }
  }

  /** Ends one direction after the data that was sent so far; the other continues. */
  public void halfClose(Socket sender) {
    simulator()
        .trace(
            "network", () -> "ends " + this + " in the direction from " + sender.process().name());
    sender.sendEnd();
  }

  /** Drops all data from now on; both sockets fail after their timeouts. */
  public void silence() {
    if (!silent && !cut) {
      simulator().trace("network", () -> "drops all data of " + this);
      silent = true;
      simulator().after(SILENCE_NANOS, () -> client.fail("Connection timed out"));
      simulator().after(SILENCE_NANOS, () -> server.fail("Connection timed out"));
    }
  }

  @Override
  public String toString() {
    String role = hello == null ? "connection" : isBulk() ? "bulk" : "control";
    return role + " " + number + (hello == null ? "" : " of attempt " + attempt());
  }
}
