package io.faultline.demo.chaos;

import io.faultline.proto.Transport;
import io.faultline.proto.wire.Hello;
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
  private final Transport transport = new Transport();
  private final IoEventLoop loop = transport.newLoop("faultline-chaos");
  private final InetSocketAddress destination;
  private final Consumer<String> log;
  private final Runnable killSource;
  private final InetSocketAddress address;

  // The loop's.
  private final Faults faults;
  private final List<RelayedConnection> connections = new ArrayList<>();
  private boolean handedOver;
  private int hitAttempt;
  private volatile int done;

  /**
   * Listens on the loopback interface.
   *
   * @param mostBytes the most memory that goes between two faults, at least 1
   * @param log gets a line for each fault
   * @param killSource kills the source's process; on the relay's thread
   * @throws IOException where that cannot be
   */
  public Relay(
      ChaosPlan plan,
      InetSocketAddress destination,
      long mostBytes,
      Consumer<String> log,
      Runnable killSource)
      throws IOException {
    this.killSource = killSource;
    this.destination = destination;
    this.log = log;
    faults = new Faults(plan, mostBytes);
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

  /** Loop: RUN has come by. */
  void handedOver() {
    handedOver = true;
  }

  /** Loop: so many bytes are about to be passed on to the destination. */
  void passing(RelayedConnection on, int bytes) {
    Hello hello = on.hello();
    if (!handedOver || hello == null || hello.getRole() != Role.ROLE_BULK) {
      return;
    }
    if (hello.getAttempt() > hitAttempt && faults.isDue(bytes)) {
      hitAttempt = hello.getAttempt();
      strike(faults.next());
    }
  }

  private void strike(Faults.Fault fault) {
    done = faults.done();
    log.accept("chaos: " + fault + " in attempt " + hitAttempt);
    if (fault.kill()) {
      killSource.run();
      return;
    }
    for (RelayedConnection each : List.copyOf(connections)) {
      Hello hello = each.hello();
      if (hello == null || hello.getAttempt() != hitAttempt) {
        continue;
      }
      if (hello.getRole() == Role.ROLE_CONTROL ? fault.control() : fault.bulk()) {
        if (fault.blackhole()) {
          each.swallow();
        } else {
          each.cut(fault.reset());
        }
      }
    }
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
                RelayedConnection relayed = new RelayedConnection(this, source, made.channel());
                connections.add(relayed);
                relayed.start();
              } else {
                source.close();
              }
            });
  }
}
