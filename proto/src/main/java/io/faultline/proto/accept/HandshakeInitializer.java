package io.faultline.proto.accept;

import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Service;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.security.Security;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Sets up each new connection: TLS, if the node has it, and the hello handshake. Bounds how many
 * connections are in the handshake, so that nobody can take all descriptors and memory by
 * connecting. Confined to the accept loop.
 */
final class HandshakeInitializer extends ChannelInitializer<Channel>
    implements HelloServer.Outcome {
  /** A client needs up to 17 connections, and opens each after the previous hello is answered. */
  private static final int MAX_PENDING = 64;

  /**
   * The size of a read. Enough for hellos, requests and short runs; a long run is read directly
   * into the buffer where it is assembled.
   */
  private static final int READ_BYTES = 256 << 10;

  private final Service service;
  private final ConnectionPolicy policy;
  private final Security security;
  private final RandomGenerator random;
  private final Consumer<String> log;
  private int pending;

  HandshakeInitializer(
      Service service,
      ConnectionPolicy policy,
      Security security,
      RandomGenerator random,
      Consumer<String> log) {
    this.service = service;
    this.policy = policy;
    this.security = security;
    this.random = random;
    this.log = log;
  }

  @Override
  protected void initChannel(Channel channel) {
    if (pending == MAX_PENDING) {
      channel.close();
      refused(channel, new IOException(MAX_PENDING + " connections have not sent a hello yet"));
      return;
    }
    pending++;
    HelloServer server =
        new HelloServer(service, channel, policy, security.token().orElse(null), random, this);
    FrameDecoder decoder = server.decoder();
    channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ_BYTES));
    security
        .tls()
        .ifPresent(
            tls ->
                tls.atDestination(
                    channel,
                    allocator ->
                        FrameWriter.frame(
                            allocator,
                            HelloServer.failure(
                                "this " + service.server() + " accepts only TLS: give --tls"))));
    channel.pipeline().addLast(decoder);
  }

  @Override
  public void handshakeEnded() {
    pending--;
  }

  @Override
  public void refused(Channel channel, Throwable why) {
    log.accept(
        "refused " + SocketAddresses.format(channel.remoteAddress()) + ": " + why.getMessage());
  }
}
