package io.faultline.proto.accept;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Service;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** Listens for connections and performs the hello handshake on each. */
public final class ConnectionListener {
  private ConnectionListener() {}

  /**
   * Listens until the loop ends.
   *
   * @param loop the accept loop
   * @param service what the connections are for
   * @param log gets a line for each connection that is refused
   * @return the address, with the port that was chosen if 0 was asked for
   * @throws IOException if the address cannot be bound, with the reason
   */
  public static InetSocketAddress listen(
      NodeEnvironment host,
      EventLoop loop,
      Service service,
      ConnectionPolicy policy,
      Security security,
      Consumer<String> log,
      InetSocketAddress address)
      throws IOException {
    ChannelFuture bound =
        host.server()
            .group(loop)
            .childHandler(new HandshakeInitializer(service, policy, security, host.random(), log))
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      String name = SocketAddresses.format(address);
      throw new IOException(
          "cannot listen on " + name + ": " + Transport.reason(bound.cause()), bound.cause());
    }
    bound.channel().pipeline().addLast(new AcceptErrorHandler(log));
    return (InetSocketAddress) bound.channel().localAddress();
  }
}
