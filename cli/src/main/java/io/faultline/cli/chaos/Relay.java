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
 * Stands between a source and a destination and breaks their connections, as often as was asked
 * for, at times that follow from a seed: behind the handover, and behind each recovery, once some
 * memory has passed.
 *
 * <p>Thread-safe.
 */
public final class Relay implements AutoCloseable {
  /** What Netty reads at first at most: a page is more, and control frames of a source are less. */
  private static final int LEAST_PAGE_BYTES = 2048;

  private final Transport transport = new Transport();
  private final IoEventLoop loop = transport.newLoop("fl-chaos");
  private final InetSocketAddress destination;
  private final Consumer<String> log;
  private final Runnable killSource;
  private final InetSocketAddress address;

  // The loop's.
  private final FaultSchedule faults;
  private final boolean encrypted;
  private final int channels;
  private final List<RelayedConnection> connections = new ArrayList<>();
  private boolean handedOver;
  private int hitAttempt;
  private volatile int done;

  /**
   * Listens on the loopback interface.
   *
   * @param encrypted whether what goes by cannot be read: then {@link #handOver} has to be called,
   *     and a control connection is known by being the first of an attempt
   * @param channels how many bulk connections an attempt has
   * @param mostBytes the most memory that goes between two faults, at least 1
   * @param log gets a line for each fault
   * @param killSource kills the source's process; on the relay's thread
   * @throws IOException where that cannot be
   */
  public Relay(
      ChaosPlan plan,
      InetSocketAddress destination,
      boolean encrypted,
      int channels,
      long mostBytes,
      Consumer<String> log,
      Runnable killSource)
      throws IOException {
    this.encrypted = encrypted;
    this.channels = channels;
    this.killSource = killSource;
    this.destination = destination;
    this.log = log;
    faults = new FaultSchedule(plan, mostBytes);
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

  /** Where sources connect to. */
  public InetSocketAddress address() {
    return address;
  }

  /** Faults so far. */
  public int done() {
    return done;
  }

  @Override
  public void close() {
    transport.close();
  }

  /** RUN has been sent, which cannot be read here. Any thread. */
  public void handOver() {
    loop.execute(this::handedOver);
  }

  /** Loop: RUN has come by. */
  void handedOver() {
    handedOver = true;
  }

  /** Loop: so many bytes are about to be passed on to the destination. */
  void passing(RelayedConnection on, int bytes) {
    ConnectionRole place = on.place();
    if (!handedOver || place == null || !isMemory(place, bytes)) {
      return;
    }
    if (place.attempt() > hitAttempt && faults.isDue(bytes)) {
      hitAttempt = place.attempt();
      strike(faults.next(), on);
    }
  }

  /**
   * Pages go over the control connection too: with huge pages a guest may ask for nearly all. What
   * is short there is a frame, and what is encrypted there may be a certificate.
   */
  private boolean isMemory(ConnectionRole place, int bytes) {
    return place.role() == Role.ROLE_BULK || (!encrypted && bytes >= LEAST_PAGE_BYTES);
  }

  /**
   * A black hole takes all connections of the attempt, or the others would go on with the memory
   * until it is noticed.
   */
  private void strike(FaultSchedule.Fault fault, RelayedConnection carrying) {
    done = faults.done();
    log.accept("chaos: " + fault + " in attempt " + hitAttempt);
    if (fault.kill()) {
      killSource.run();
      return;
    }
    for (RelayedConnection each : List.copyOf(connections)) {
      ConnectionRole place = each.place();
      if (place == null || place.attempt() != hitAttempt) {
        continue;
      }
      if (fault.blackhole()) {
        each.swallow();
      } else if (place.role() == Role.ROLE_CONTROL
          ? fault.control()
          : fault.bulk() && isHit(each, carrying)) {
        each.cut(fault.reset());
      }
    }
  }

  /** Of several bulk connections the one that carries something just now; else all of them. */
  private static boolean isHit(RelayedConnection bulk, RelayedConnection carrying) {
    ConnectionRole place = carrying.place();
    return bulk == carrying || (place != null && place.role() == Role.ROLE_CONTROL);
  }

  /** Bulk connections are made while the control connection is there; nothing else is. */
  private ConnectionRole nextPlace() {
    RelayedConnection control = null;
    int attempt = 0;
    int bulk = 0;
    for (RelayedConnection each : connections) {
      ConnectionRole place = each.place();
      if (place != null && place.role() == Role.ROLE_CONTROL) {
        control = each;
        attempt = place.attempt();
        bulk = 0;
      } else if (place != null) {
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
            (ChannelFuture made) -> {
              if (made.isSuccess()) {
                RelayedConnection relayed =
                    new RelayedConnection(
                        this, source, made.channel(), encrypted ? nextPlace() : null);
                connections.add(relayed);
                relayed.start();
              } else {
                source.close();
              }
            });
  }
}
