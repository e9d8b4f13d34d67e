package io.faultline.restore.frozen;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.SocketOptions;
import io.faultline.proto.Transport;
import io.faultline.restore.pageserver.PageServerHeader;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Tells {@code criu dump --lazy-pages} how to end. The dump serves one connection and acts on its
 * end (CRIU, criu/page-xfer.c): after CLOSE, and after any other orderly end, it kills the
 * processes; after a reset it lets them continue. So this side connects only to end the dump. Were
 * it connected all the time, its own death would end the dump, while the destination may run the
 * processes: frozen is the one state that is right for both.
 *
 * <p>Confined to its loop.
 */
final class DumpSession {
  private final NodeEnvironment environment;
  private final EventLoop loop;
  private final InetSocketAddress address;
  private final @Nullable DumpTls tls;

  /** The layout of its headers; null if it is to be found out. */
  private @Nullable PageServerHeader header;

  /**
   * @param tls of a dump with TLS; null without
   */
  DumpSession(
      NodeEnvironment environment,
      EventLoop loop,
      InetSocketAddress address,
      @Nullable DumpTls tls) {
    this.environment = environment;
    this.loop = loop;
    this.address = address;
    this.tls = tls;
  }

  /**
   * The dump listens: finds out what must be known to end it.
   *
   * @throws IOException if it cannot; the message is for the user
   */
  void listens() throws IOException {
    if (tls != null) {
      header = tls.header();
    }
  }

  /** The dump ends well: it kills the processes. Fails with the reason if it did not answer. */
  CompletableFuture<Void> close() {
    CompletableFuture<Void> result = new CompletableFuture<>();
    connect(new DumpCloseHandler(result, name(), header), tls)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                result.completeExceptionally(problem(Transport.reason(done.cause())));
              }
            });
    return result;
  }

  /** The dump fails: it lets the processes continue. Fails with the reason if it is not there. */
  CompletableFuture<Void> reset() {
    CompletableFuture<Void> result = new CompletableFuture<>();
    ChannelFuture connecting = connect(new ChannelInboundHandlerAdapter(), null);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            Channel channel = connecting.channel();
            SocketOptions.set(channel, ChannelOption.SO_LINGER, 0);
            channel.close().addListener(closed -> result.complete(null));
          } else {
            result.completeExceptionally(problem(Transport.reason(done.cause())));
          }
        });
    return result;
  }

  private ChannelFuture connect(ChannelInboundHandlerAdapter handler, @Nullable DumpTls with) {
    Bootstrap client = environment.client();
    return client
        .group(loop)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) throws IOException {
                if (with != null) {
                  with.tls().addClient(channel, address.getHostString(), address.getPort());
                }
                channel.pipeline().addLast(handler);
              }
            })
        .connect(address);
  }

  private IOException problem(String why) {
    return new IOException(name() + ": " + why);
  }

  private String name() {
    return "criu dump at " + SocketAddresses.format(address);
  }
}
