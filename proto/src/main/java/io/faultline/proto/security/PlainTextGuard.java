package io.faultline.proto.security;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.function.Function;

/**
 * Precedes TLS in the destination's pipeline. A peer whose first byte does not start a TLS record
 * gets a plain-text refusal, since it would not understand an alert.
 */
final class PlainTextGuard extends ChannelInboundHandlerAdapter {
  private final Function<ByteBufAllocator, ByteBuf> refusal;

  /**
   * @param refusal creates that reply
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
      ctx.writeAndFlush(refusal.apply(ctx.alloc())); // written from here, it bypasses TLS
      ctx.fireExceptionCaught(new IOException(TlsFailures.PLAIN_TEXT));
    }
  }
}
