package io.faultline.restore.frozen;

import io.faultline.proto.Transport;
import io.faultline.restore.pageserver.PageServerCommand;
import io.faultline.restore.pageserver.PageServerHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends CLOSE to a dump, and waits for the answer. If the length of its headers is not known, the
 * end of the longer one follows only if the shorter one is not answered: all of it is zeros.
 * Confined to its loop.
 */
final class DumpCloseHandler extends ChannelInboundHandlerAdapter {
  /** An earlier CRIU answers within this time. A later one waits for the rest of its header. */
  private static final long NARROW_ANSWER_MILLIS = 500;

  private static final long ANSWER_SECONDS = 10;

  private final CompletableFuture<Void> result;
  private final String name;
  private final @Nullable PageServerHeader known;
  private final ByteBuf answer = Unpooled.buffer(Integer.BYTES);

  /**
   * @param result completed when it has answered; or with an {@link IOException} for the user
   * @param name of the dump, for messages
   * @param known the layout of its headers; null to find it out
   */
  DumpCloseHandler(CompletableFuture<Void> result, String name, @Nullable PageServerHeader known) {
    this.result = result;
    this.name = name;
    this.known = known;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    PageServerHeader first = known == null ? PageServerHeader.NARROW : known;
    ByteBuf header = ctx.alloc().buffer(first.bytes());
    first.write(header, PageServerCommand.CLOSE, 0, 0, 0, 0);
    ctx.writeAndFlush(header);
    if (known == null) {
      ctx.executor().schedule(() -> more(ctx), NARROW_ANSWER_MILLIS, TimeUnit.MILLISECONDS);
    }
    ctx.executor()
        .schedule(
            () -> end(ctx, "no answer to CLOSE within " + ANSWER_SECONDS + " s"),
            ANSWER_SECONDS,
            TimeUnit.SECONDS);
    ctx.fireChannelActive();
  }

  private void more(ChannelHandlerContext ctx) {
    if (!result.isDone()) {
      int bytes = PageServerHeader.WIDE.bytes() - PageServerHeader.NARROW.bytes();
      ctx.writeAndFlush(ctx.alloc().buffer(bytes).writeZero(bytes));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    answer.writeBytes(in, Math.min(in.readableBytes(), answer.writableBytes()));
    in.release();
    if (!answer.isWritable()) {
      int status = answer.getIntLE(0);
      end(ctx, status == 0 ? "" : "it answered CLOSE with " + status);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end(ctx, "it closed the connection without an answer to CLOSE");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    end(ctx, Transport.reason(cause));
  }

  private void end(ChannelHandlerContext ctx, String failure) {
    if (result.isDone()) {
      return;
    }
    ctx.close();
    if (failure.isEmpty()) {
      result.complete(null);
    } else {
      result.completeExceptionally(new IOException(name + ": " + failure));
    }
  }
}
