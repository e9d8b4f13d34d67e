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

/** One connection from the source to the destination. Belongs to the relay's loop. */
final class RelayedConnection {
  private final Relay relay;
  private final Channel source;
  private final Channel destination;
  private final @Nullable HandshakeWatch watch;
  private final @Nullable ConnectionRole known;
  private boolean blackhole;

  /**
   * @param known what it is, where that cannot be read from what goes by; else null
   */
  RelayedConnection(
      Relay relay, Channel source, Channel destination, @Nullable ConnectionRole known) {
    this.relay = relay;
    this.source = source;
    this.destination = destination;
    this.known = known;
    watch = known == null ? new HandshakeWatch(relay::handedOver) : null;
  }

  /** Begins to pass on what comes from either side. */
  void start() {
    source.pipeline().addLast(new Side(destination, true));
    destination.pipeline().addLast(new Side(source, false));
    source.config().setAutoRead(true);
    destination.config().setAutoRead(true);
  }

  /** Which of a migration's connections it is; null where that is not known yet. */
  @Nullable ConnectionRole place() {
    Hello hello = watch == null ? null : watch.hello();
    return hello == null ? known : new ConnectionRole(hello.getRole(), hello.getAttempt());
  }

  /** Whether the source may still hear something on it. */
  boolean isOpen() {
    return source.isActive() && !blackhole;
  }

  /** Ends both sides, as a network does that breaks. */
  void cut(boolean reset) {
    if (reset) {
      SocketOptions.set(source, ChannelOption.SO_LINGER, 0);
      SocketOptions.set(destination, ChannelOption.SO_LINGER, 0);
    }
    source.close();
    destination.close();
  }

  /** Both sides stay open, and hear nothing of each other any more. */
  void swallow() {
    blackhole = true;
    source.config().setAutoRead(false);
    destination.config().setAutoRead(false);
  }

  /** What comes from one side. */
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
        relay.passing(RelayedConnection.this, bytes.readableBytes());
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
      ctx.close(); // the other side hears of it
    }
  }
}
