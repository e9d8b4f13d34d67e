package io.faultline.cli.chaos;

import io.faultline.proto.SocketOptions;
import io.faultline.proto.wire.Hello;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** One connection from the source to the destination. Confined to the relay's event loop. */
final class RelayedConnection {
  private final Relay relay;
  private final Channel source;
  private final Channel destination;
  private final @Nullable HandshakeWatch watch;
  private final @Nullable ConnectionRole assumedRole;
  private boolean blackhole;

  /**
   * @param assumedRole the role, if the hello is encrypted; otherwise null
   */
  RelayedConnection(
      Relay relay, Channel source, Channel destination, @Nullable ConnectionRole assumedRole) {
    this.relay = relay;
    this.source = source;
    this.destination = destination;
    this.assumedRole = assumedRole;
    watch = assumedRole == null ? new HandshakeWatch(relay::onRun) : null;
  }

  /** Begins to forward data in both directions. */
  void start() {
    source.pipeline().addLast(new Side(destination, true));
    destination.pipeline().addLast(new Side(source, false));
    source.config().setAutoRead(true);
    destination.config().setAutoRead(true);
  }

  /** Its role; null if that is not known yet. */
  @Nullable ConnectionRole role() {
    Hello hello = watch == null ? null : watch.hello();
    return hello == null ? assumedRole : new ConnectionRole(hello.getRole(), hello.getAttempt());
  }

  /** Whether the source side is open and not a black hole. */
  boolean isOpen() {
    return source.isActive() && !blackhole;
  }

  /** Closes both sides, with a FIN or a reset. */
  void cut(boolean reset) {
    if (reset) {
      SocketOptions.set(source, ChannelOption.SO_LINGER, 0);
      SocketOptions.set(destination, ChannelOption.SO_LINGER, 0);
    }
    source.close();
    destination.close();
  }

  /** Stops forwarding; both sides stay open. */
  void blackhole() {
    blackhole = true;
    source.config().setAutoRead(false);
    destination.config().setAutoRead(false);
  }

  /** Forwards what one side sends to the other. */
  private final class Side extends ChannelInboundHandlerAdapter {
    private final Channel other;
    private final boolean fromSource;

    Side(Channel other, boolean fromSource) {
      this.other = other;
      this.fromSource = fromSource;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      if (fromSource) {
        if (watch != null) {
          watch.read(bytes);
        }
        relay.onForward(RelayedConnection.this, bytes.readableBytes());
      }
      if (blackhole || !other.isActive()) {
        ReferenceCountUtil.release(bytes);
        return;
      }
      other.writeAndFlush(bytes);
      if (!other.isWritable()) {
        ctx.channel().config().setAutoRead(false);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (!blackhole) {
        other.config().setAutoRead(ctx.channel().isWritable());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (!blackhole) {
        other.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close(); // channelInactive then closes the other side
    }
  }
}
