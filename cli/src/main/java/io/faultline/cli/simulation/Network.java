package io.faultline.cli.simulation;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The network between the two ends: connections, how long things take, and what goes wrong. */
final class Network {
  private static final long CONNECT_TIMEOUT_NANOS = 10_000_000_000L;

  private final World world;
  private final long latencyNanos;
  private final FrameTampering tampering;
  private final Map<SocketAddress, SimulatedServerChannel> listening = new HashMap<>();
  private final List<Link> links = new ArrayList<>();
  private final List<BiConsumer<Socket, WireFrame>> watchers = new ArrayList<>();
  private long outageEndNanos;
  private long slowEndNanos;
  private WireFrame.@Nullable Part corruptNext;

  /** Who waits for a connection. */
  interface Connecting {
    void connected(Socket made);

    void failed(IOException why);
  }

  /**
   * @param latencyNanos about what a piece takes from end to end
   * @param tampering what is done to frames
   */
  Network(World world, long latencyNanos, FrameTampering tampering) {
    this.world = world;
    this.latencyNanos = latencyNanos;
    this.tampering = tampering;
  }

  World world() {
    return world;
  }

  /** All connections so far. */
  List<Link> links() {
    return links;
  }

  /** Is told of each frame that is on the wire. */
  void watch(BiConsumer<Socket, WireFrame> watcher) {
    watchers.add(watcher);
  }

  void listen(SocketAddress address, SimulatedServerChannel channel) {
    listening.put(address, channel);
  }

  /** A random time from end to end. */
  long latencyNanos() {
    boolean slow = world.nowNanos() < slowEndNanos;
    long usual = latencyNanos / 2 + world.random().nextLong(latencyNanos);
    return slow ? 100 * usual : usual;
  }

  /** When what is sent now arrives. */
  long arrivalNanos() {
    return Math.max(world.nowNanos(), outageEndNanos) + latencyNanos();
  }

  /** Nothing gets through for so long, and then all does. */
  void outage(long nanos) {
    outageEndNanos = Math.max(outageEndNanos, world.nowNanos() + nanos);
    world.tell("network", () -> "lets nothing through for " + nanos / 1_000_000 + " ms");
  }

  /** Nothing gets through on any connection that there is, and no new one is made for so long. */
  void blackhole(long nanos) {
    outage(nanos);
    links.stream().filter(Link::isOpen).forEach(Link::silence);
  }

  /** All takes a hundred times as long for a while. */
  void slow(long nanos) {
    slowEndNanos = world.nowNanos() + nanos;
    world.tell("network", () -> "is slow for " + nanos / 1_000_000 + " ms");
  }

  /** A bit of the next frame that has such a part changes there on its way. */
  void corruptNext(WireFrame.Part part) {
    corruptNext = part;
  }

  void connect(SimulatedProcess from, SocketAddress to, Connecting connecting) {
    boolean unreachable = outageEndNanos - world.nowNanos() > CONNECT_TIMEOUT_NANOS;
    if (unreachable) {
      world.after(
          CONNECT_TIMEOUT_NANOS,
          () -> connecting.failed(new IOException("connection timed out after 10000 ms")));
      return;
    }
    long arrival = arrivalNanos() - world.nowNanos();
    world.after(arrival, () -> comesIn(from, to, connecting));
  }

  private void comesIn(SimulatedProcess from, SocketAddress to, Connecting connecting) {
    SimulatedServerChannel listener = listening.get(to);
    if (listener == null || !listener.process().isAlive()) {
      world.after(latencyNanos(), () -> connecting.failed(new IOException("Connection refused")));
      return;
    }
    Link link = newLink(from, listener.process(), (InetSocketAddress) to);
    listener.accept(link.server());
    world.after(
        latencyNanos(),
        () -> {
          if (from.isAlive()) {
            connecting.connected(link.client());
          }
        });
  }

  private Link newLink(SimulatedProcess from, SimulatedProcess to, InetSocketAddress address) {
    Link link = new Link(this, links.size() + 1, from, to, address);
    links.add(link);
    return link;
  }

  /**
   * A connection from before comes once more, late or twice, with what it said. To a destination
   * that was started since it says no more than its hello: what comes behind that is said in answer
   * to something, and who says it again all the same is an enemy, whom only TLS keeps out.
   */
  void repeat(Link old) {
    InetSocketAddress to = old.server().localAddress();
    SimulatedServerChannel listener = listening.get(to);
    if (listener == null || !listener.process().isAlive()) {
      return;
    }
    Link again = newLink(old.client().process(), listener.process(), to);
    world.tell("network", () -> "brings " + old + " once more");
    listener.accept(again.server());
    boolean same = listener.process() == old.server().process();
    old.said().stream().limit(same ? Long.MAX_VALUE : 1).forEach(again.client()::transmit);
    world.after(latencyNanos() * (1 + world.random().nextInt(2000)), again.client()::close);
  }

  /** A node sends a frame. */
  void sent(Socket from, WireFrame frame) {
    Link link = from.link();
    boolean byClient = from == link.client();
    if (byClient) {
      link.record(frame);
    }
    tampering.pass(from, frame, passed -> transmit(from, passed));
  }

  private void transmit(Socket from, WireFrame frame) {
    byte[] bytes = frame.bytes();
    world.tell(from.process().name(), () -> from.link() + " > " + frame.describe());
    if (corruptNext != null && frame.has(corruptNext)) {
      int at = frame.start(corruptNext);
      at += world.random().nextInt(frame.end(corruptNext) - at);
      bytes = bytes.clone();
      bytes[at] ^= (byte) (1 << world.random().nextInt(8));
      world.tell("network", () -> "changes a bit of that");
      corruptNext = null;
    }
    from.transmit(bytes);
    for (BiConsumer<Socket, WireFrame> watcher : watchers) {
      watcher.accept(from, frame);
    }
  }
}
