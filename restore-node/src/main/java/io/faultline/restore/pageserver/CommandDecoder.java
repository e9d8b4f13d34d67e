package io.faultline.restore.pageserver;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Splits what a client sends into commands and their contents, and finds out which of the two
 * headers it uses. Whatever goes wrong ends the connection. Confined to the connection's event
 * loop.
 */
final class CommandDecoder extends ChannelInboundHandlerAdapter {
  private final Session session;
  private final Consumer<@Nullable IOException> ended;
  private @Nullable ByteBuf held;
  private @Nullable PageServerHeader header;
  private long contentsLeft;
  private boolean over;

  /**
   * @param ended accepts why the session ended: null if it was complete
   */
  CommandDecoder(Session session, Consumer<@Nullable IOException> ended) {
    this.session = session;
    this.ended = ended;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (ctx.pipeline().get(SslHandler.class) == null) {
      session.start(ctx.channel());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
      session.start(ctx.channel());
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    ByteBuf before = held;
    if (before != null) {
      held = null;
      int missing = PageServerHeader.WIDE.bytes() - before.readableBytes();
      before.writeBytes(in, Math.min(Math.max(missing, 0), in.readableBytes()));
      decodeAll(ctx, before);
    }
    ByteBuf rest = held;
    if (rest == null) {
      decodeAll(ctx, in);
      return;
    }
    held = null;
    rest.writeBytes(in);
    in.release();
    decodeAll(ctx, rest);
  }

  /** Decodes what is possible, and holds the rest. */
  private void decodeAll(ChannelHandlerContext ctx, ByteBuf in) {
    try {
      decode(ctx, in);
      if (in.isReadable() && !over) {
        held = ctx.alloc().buffer(in.readableBytes()).writeBytes(in);
      }
    } finally {
      in.release();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ByteBuf in = held;
    if (in != null && session.isReady() && !over) {
      held = null;
      decodeAll(ctx, in);
    }
    ctx.channel().config().setAutoRead(session.isReady());
  }

  private void decode(ChannelHandlerContext ctx, ByteBuf in) {
    try {
      boolean progress = true;
      while (progress && !over) {
        progress = contentsLeft > 0 ? decodeContents(in) : decodeCommand(in);
      }
      ctx.channel().config().setAutoRead(session.isReady());
    } catch (IOException e) {
      end(ctx, e);
    }
  }

  private boolean decodeContents(ByteBuf in) throws IOException {
    int bytes = (int) Math.min(contentsLeft, in.readableBytes());
    if (bytes == 0) {
      return false;
    }
    contentsLeft -= bytes;
    int end = in.readerIndex() + bytes;
    session.contents(in, bytes);
    in.readerIndex(end);
    return true;
  }

  private boolean decodeCommand(ByteBuf in) throws IOException {
    int least = header == null ? PageServerHeader.COMMON_BYTES : header.bytes();
    if (in.readableBytes() < least || !session.isReady()) {
      return false;
    }
    int index = in.readerIndex();
    PageServerHeader known = header;
    if (known == null) {
      known = session.header(PageServerHeader.WIDE.command(in, index), in, index);
      header = known;
      if (in.readableBytes() < known.bytes()) {
        return false;
      }
    }
    contentsLeft = session.command(known, in, index);
    in.skipBytes(known.bytes());
    return true;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    try {
      session.ended();
      end(ctx, null);
    } catch (IOException e) {
      end(ctx, e);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end(
        ctx,
        cause instanceof IOException lost
            ? lost
            : new PageServerException(String.valueOf(cause), cause));
  }

  private void end(ChannelHandlerContext ctx, @Nullable IOException cause) {
    if (over) {
      return;
    }
    over = true;
    if (held != null) {
      held.release();
      held = null;
    }
    if (cause != null) {
      closeQuietly();
      Resets.reset(ctx.channel());
    }
    ended.accept(cause);
  }

  /** The session frees what it has open. */
  private void closeQuietly() {
    try {
      session.ended();
    } catch (IOException e) {
      // the first failure is reported
    }
  }
}
