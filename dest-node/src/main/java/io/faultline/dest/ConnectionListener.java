package io.faultline.dest;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Listens for sources, and sees the hellos of whoever connects through. */
final class ConnectionListener {
  /**
   * For hellos, requests and short runs: a long run is read straight to where it is put together.
   */
  private static final int READ_BYTES = 256 << 10;

  private ConnectionListener() {}

  /**
   * Listens until the loop ends.
   *
   * @return the address, with the port that was chosen where 0 was asked for
   * @throws IOException where the address cannot be had, with the reason
   */
  static InetSocketAddress listen(
      NodeEnvironment host,
      EventLoop loop,
      MigrationAcceptor acceptor,
      Security security,
      InetSocketAddress address)
      throws IOException {
    ChannelFuture bound =
        host.server()
            .group(loop)
            .childHandler(new HandshakeInitializer(acceptor, security, READ_BYTES))
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      String name = address.getHostString() + ":" + address.getPort();
      throw new IOException(
          "cannot listen on " + name + ": " + Transport.reason(bound.cause()), bound.cause());
    }
    bound.channel().pipeline().addLast(new AcceptErrorHandler(acceptor.log()));
    return (InetSocketAddress) bound.channel().localAddress();
  }
}
