package io.faultline.dest;

import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.security.Security;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.io.IOException;

/**
 * Begins each new connection: TLS, where the node has it, and the hello. How many may be between
 * their start and their hello is bounded, so that nobody can take all descriptors and memory by
 * connecting. Belongs to the accept loop.
 */
final class HandshakeInitializer extends ChannelInitializer<Channel> {
  /** A source needs up to 17, one behind the answer to another's hello. */
  static final int MOST = 64;

  private final MigrationAcceptor acceptor;
  private final Security security;
  private final int readBytes;

  /**
   * @param readBytes the size of a usual read
   */
  HandshakeInitializer(MigrationAcceptor acceptor, Security security, int readBytes) {
    this.acceptor = acceptor;
    this.security = security;
    this.readBytes = readBytes;
  }

  @Override
  protected void initChannel(Channel channel) {
    if (!acceptor.begin()) {
      channel.close();
      acceptor.turnedAway(channel, new IOException(MOST + " connections have not said hello yet"));
      return;
    }
    FrameDecoder decoder = new HelloServer(channel, acceptor).decoder();
    channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(readBytes));
    security
        .tls()
        .ifPresent(
            tls ->
                tls.atDestination(
                    channel,
                    allocator ->
                        FrameWriter.frame(
                            allocator,
                            HelloServer.failure("this destination speaks TLS alone: give --tls"))));
    channel.pipeline().addLast(decoder);
  }
}
