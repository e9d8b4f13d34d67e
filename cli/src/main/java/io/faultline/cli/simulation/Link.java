package io.faultline.cli.simulation;

import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection: its two ends, how fast it is, and whether it still carries anything. */
final class Link {
  /** TCP_USER_TIMEOUT and keep-alive: how long Linux waits for a peer that does not answer. */
  static final long SILENCE_NANOS = 10_000_000_000L;

  private static final int RECORDED_BYTES = 1 << 20;

  private final Network network;
  private final int number;
  private final Socket client;
  private final Socket server;
  private final int windowBytes;
  private final int mostPieceBytes;
  private final List<byte[]> said = new ArrayList<>();
  private int saidBytes;
  private @Nullable Hello hello;
  private boolean cut;
  private boolean silent;

  Link(
      Network network,
      int number,
      SimulatedProcess from,
      SimulatedProcess to,
      InetSocketAddress server) {
    this.network = network;
    this.number = number;
    this.client = new Socket(this, from, new InetSocketAddress("10.0.0.1", 40_000 + number));
    this.server = new Socket(this, to, server);
    windowBytes = 4096 << world().random().nextInt(8);
    mostPieceBytes = 256 << world().random().nextInt(10);
  }

  Network network() {
    return network;
  }

  World world() {
    return network.world();
  }

  Socket client() {
    return client;
  }

  Socket server() {
    return server;
  }

  Socket other(Socket than) {
    return than == client ? server : client;
  }

  int windowBytes() {
    return windowBytes;
  }

  /** A random size of the next piece. */
  int pieceBytes() {
    return world().oneIn(4) ? 1 + world().random().nextInt(mostPieceBytes) : mostPieceBytes;
  }

  long latencyNanos() {
    return network.latencyNanos();
  }

  /** When what is sent now arrives; {@link Long#MAX_VALUE} for never. */
  long arrivalNanos() {
    return silent || cut ? Long.MAX_VALUE : network.arrivalNanos();
  }

  /** What its client said first; null before. */
  @Nullable Hello hello() {
    return hello;
  }

  boolean isBulk() {
    return hello != null && hello.getRole() == Role.ROLE_BULK;
  }

  int attempt() {
    return hello == null ? 0 : hello.getAttempt();
  }

  /** A frame goes out at the client. */
  void record(WireFrame frame) {
    if (hello == null && frame.frame().hasHello()) {
      hello = frame.frame().getHello();
    }
    if (saidBytes < RECORDED_BYTES) {
      said.add(frame.bytes());
      saidBytes += frame.bytes().length;
    }
  }

  /** What its client said, for who says it again. */
  List<byte[]> said() {
    return List.copyOf(said);
  }

  boolean isCut() {
    return cut;
  }

  /** Whether it can still carry something. */
  boolean isOpen() {
    return !cut && !silent && !client.isClosed() && !server.isClosed();
  }

  /** A reset at both ends; what is on its way is lost. */
  void cut() {
    if (!cut) {
      world().tell("network", () -> "cuts " + this);
      cut = true;
      client.fail("Connection reset by peer");
      server.fail("Connection reset by peer");
    }
  }

  /** One direction ends, the other goes on. */
  void halfClose(Socket sender) {
    world()
        .tell(
            "network", () -> "ends " + this + " behind what " + sender.process().name() + " sent");
    sender.sendEnd();
  }

  /** Nothing arrives any more, and nobody says so: both ends notice by themselves. */
  void silence() {
    if (!silent && !cut) {
      world().tell("network", () -> "loses all on " + this);
      silent = true;
      world().after(SILENCE_NANOS, () -> client.fail("Connection timed out"));
      world().after(SILENCE_NANOS, () -> server.fail("Connection timed out"));
    }
  }

  @Override
  public String toString() {
    String role = hello == null ? "connection" : isBulk() ? "bulk" : "control";
    return role + " " + number + (hello == null ? "" : " of attempt " + attempt());
  }
}
