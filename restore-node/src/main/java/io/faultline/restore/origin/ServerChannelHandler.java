package io.faultline.restore.origin;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/** A page server's connection: its events, and its bytes unless they are read directly. */
final class ServerChannelHandler extends ChannelInboundHandlerAdapter {
  /** What happens to the connection. On its event loop. */
  interface Events {
    /** TCP is connected. */
    void connected(Channel to);

    /** Requests can be sent: after the handshake if there is TLS. */
    void ready(Channel connected);

    /**
     * Bytes from the server.
     *
     * @param bytes valid during the call
     */
    void received(ByteBuf bytes);

    /** The server closed the connection. */
    void closed();

    /** The connection failed. */
    void broken(Throwable cause);
  }

  private final Events events;
  private final boolean encrypted;

  ServerChannelHandler(Events events, boolean encrypted) {
    this.events = events;
    this.encrypted = encrypted;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    events.connected(ctx.channel());
    if (!encrypted) {
      events.ready(ctx.channel());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
      events.ready(ctx.channel());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      events.received(bytes);
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    events.closed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    events.broken(cause);
  }
}
