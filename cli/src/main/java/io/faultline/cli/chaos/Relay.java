package io.faultline.cli.chaos;

import io.faultline.proto.Transport;
import io.faultline.proto.wire.Role;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A relay between source and destination that injects the faults of a {@link ChaosPlan}: after RUN,
 * and after each recovery, once some memory has passed.
 *
 * <p>Thread-safe. Everything happens on its event loop, {@code fl-chaos}.
 */
public final class Relay implements AutoCloseable {
  /** Netty's initial read size: page data fills it, control frames of a source are smaller. */
  private static final int MIN_PAGE_BYTES = 2048;

  private final Transport transport = new Transport();
  private final IoEventLoop loop = transport.newLoop("fl-chaos");
  private final InetSocketAddress destination;
  private final Consumer<String> log;
  private final NodeKiller nodes;
  private final InetSocketAddress address;

  // Confined to the event loop.
  private final FaultSchedule faults;
  private final boolean encrypted;
  private final int channels;
  private final List<RelayedConnection> connections = new ArrayList<>();
  private boolean runSent;
  private int lastAttempt;
  private volatile int done;

  /**
   * Listens on the loopback interface.
   *
   * @param encrypted whether connections use TLS: then the relay cannot see RUN, {@link #handOver}
   *     must be called, and the first connection of an attempt counts as the control connection
   * @param channels number of bulk connections of an attempt
   * @param maxGapBytes the most memory that passes between two faults, at least 1
   * @param log receives a line for each fault
   * @param nodes called on the relay's event loop
   * @throws IOException if it cannot listen
   */
  public Relay(
      ChaosPlan plan,
      InetSocketAddress destination,
      boolean encrypted,
      int channels,
      long maxGapBytes,
      Consumer<String> log,
      NodeKiller nodes)
      throws IOException {
    this.encrypted = encrypted;
    this.channels = channels;
    this.nodes = nodes;
    this.destination = destination;
    this.log = log;
    faults = new FaultSchedule(plan, maxGapBytes);
    ChannelFuture bound =
        transport
            .server()
            .group(loop)
            .childOption(ChannelOption.AUTO_READ, false)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connect(channel);
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      transport.close();
      throw new IOException("the relay cannot listen: " + Transport.reason(bound.cause()));
    }
    address = (InetSocketAddress) bound.channel().localAddress();
  }

  /** The address for sources to connect to. */
  public InetSocketAddress address() {
    return address;
  }

  /** Number of faults so far. Any thread. */
  public int done() {
    return done;
  }

  @Override
  public void close() {
    transport.close();
  }

  /** Reports that RUN was sent, for encrypted connections. Any thread. */
  public void handOver() {
    loop.execute(this::onRun);
  }

  /** Event loop: the source has sent RUN. */
  void onRun() {
    runSent = true;
  }

  /** Event loop: bytes are about to be forwarded to the destination. */
  void onForward(RelayedConnection connection, int bytes) {
    ConnectionRole role = connection.role();
    if (!runSent || role == null || !isMemory(role, bytes)) {
      return;
    }
    if (role.attempt() > lastAttempt && faults.isDue(bytes)) {
      lastAttempt = role.attempt();
      inject(faults.next(), connection);
    }
  }

  /**
   * Whether bytes count as memory. The control connection carries requested pages, with huge pages
   * nearly all of them; short reads there are control frames, and encrypted ones may be a
   * handshake.
   */
  private boolean isMemory(ConnectionRole role, int bytes) {
    return role.role() == Role.ROLE_BULK || (!encrypted && bytes >= MIN_PAGE_BYTES);
  }

  /**
   * A black hole affects all connections of the attempt; otherwise the others would continue to
   * carry memory until the timeout.
   */
  private void inject(FaultSchedule.Fault fault, RelayedConnection active) {
    done = faults.done();
    log.accept("chaos: " + fault + " in attempt " + lastAttempt);
    switch (fault.kind()) {
      case KILL_SOURCE -> nodes.killSource();
      case KILL_DESTINATION -> nodes.killDestination();
      case CUT, BLACKHOLE -> disturb(fault, active);
    }
  }

  private void disturb(FaultSchedule.Fault fault, RelayedConnection active) {
    for (RelayedConnection each : List.copyOf(connections)) {
      ConnectionRole role = each.role();
      if (role == null || role.attempt() != lastAttempt) {
        continue;
      }
      if (fault.kind() == FaultSchedule.Kind.BLACKHOLE) {
        each.blackhole();
      } else if (role.role() == Role.ROLE_CONTROL
          ? fault.control()
          : fault.bulk() && isHit(each, active)) {
        each.cut(fault.reset());
      }
    }
  }

  /** A fault hits the bulk connection that is active, or all if the control connection is. */
  private static boolean isHit(RelayedConnection bulk, RelayedConnection active) {
    ConnectionRole role = active.role();
    return bulk == active || (role != null && role.role() == Role.ROLE_CONTROL);
  }

  /** While a control connection is open, new connections are its bulk connections. */
  private ConnectionRole nextRole() {
    RelayedConnection control = null;
    int attempt = 0;
    int bulk = 0;
    for (RelayedConnection each : connections) {
      ConnectionRole role = each.role();
      if (role != null && role.role() == Role.ROLE_CONTROL) {
        control = each;
        attempt = role.attempt();
        bulk = 0;
      } else if (role != null) {
        bulk++;
      }
    }
    return control != null && control.isOpen() && bulk < channels
        ? new ConnectionRole(Role.ROLE_BULK, attempt)
        : new ConnectionRole(Role.ROLE_CONTROL, attempt + 1);
  }

  private void connect(Channel source) {
    transport
        .client()
        .group(loop)
        .option(ChannelOption.AUTO_READ, false)
        .handler(new ChannelInboundHandlerAdapter())
        .connect(destination)
        .addListener(
            (ChannelFuture connected) -> {
              if (connected.isSuccess()) {
                RelayedConnection relayed =
                    new RelayedConnection(
                        this, source, connected.channel(), encrypted ? nextRole() : null);
                connections.add(relayed);
                relayed.start();
              } else {
                source.close();
              }
            });
  }
}
