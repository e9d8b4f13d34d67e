package io.faultline.proto.security;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.function.Function;

/**
 * In front of TLS at the destination: a peer whose first byte starts no TLS record is told so in
 * the clear, since it would not understand an alert.
 */
final class PlainTextGuard extends ChannelInboundHandlerAdapter {
  private final Function<ByteBufAllocator, ByteBuf> refusal;

  /**
   * @param refusal makes what such a peer is told
   */
  PlainTextGuard(Function<ByteBufAllocator, ByteBuf> refusal) {
    this.refusal = refusal;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (!bytes.isReadable()) {
      bytes.release();
    } else if (MutualTls.mayBegin(bytes.getByte(bytes.readerIndex()))) {
      ctx.pipeline().remove(this);
      ctx.fireChannelRead(message);
    } else {
      bytes.release();
      ctx.writeAndFlush(refusal.apply(ctx.alloc())); // from here it does not go through TLS
      ctx.fireExceptionCaught(new IOException(TlsFailures.PLAIN_TEXT));
    }
  }
}
