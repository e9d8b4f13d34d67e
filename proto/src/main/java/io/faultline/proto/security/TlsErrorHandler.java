package io.faultline.proto.security;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import javax.net.ssl.SSLException;

/** Follows TLS in the pipeline and replaces its exceptions by ones that the user understands. */
public final class TlsErrorHandler extends ChannelInboundHandlerAdapter {
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
      ctx.fireExceptionCaught(TlsFailures.explain(handshake.cause()));
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable thrown) {
    boolean tls = thrown instanceof DecoderException || thrown instanceof SSLException;
    ctx.fireExceptionCaught(tls ? TlsFailures.explain(thrown) : thrown);
  }
}
