package io.faultline.restore.frozen;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.SocketOptions;
import io.faultline.proto.Transport;
import io.faultline.restore.pageserver.CriuTls;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells {@code criu dump --lazy-pages} how to end. The dump serves one connection and acts on its
 * end (CRIU, criu/page-xfer.c): after CLOSE, and after any other orderly end, it kills the
 * processes; after a reset it lets them continue. So this side connects only to end the dump. Were
 * it connected all the time, its own death would end the dump, while the destination may run the
 * processes: frozen is the one state that is right for both.
 *
 * <p>Confined to its loop.
 */
final class DumpSession {
  private static final int CLOSE_COMMAND = 0x1023;

  /** The header of CRIU up to 4.1.1; later ones have 8 more bytes. All are 0 but the command. */
  private static final int NARROW_BYTES = 24;

  private static final int MORE_BYTES = 8;

  /** An earlier CRIU answers within this time. A later one waits for the rest of its header. */
  private static final long NARROW_ANSWER_MILLIS = 500;

  private static final long ANSWER_SECONDS = 10;

  private final NodeEnvironment environment;
  private final EventLoop loop;
  private final InetSocketAddress address;
  private final @Nullable CriuTls tls;

  /**
   * @param tls of a dump with TLS; null without
   */
  DumpSession(
      NodeEnvironment environment,
      EventLoop loop,
      InetSocketAddress address,
      @Nullable CriuTls tls) {
    this.environment = environment;
    this.loop = loop;
    this.address = address;
    this.tls = tls;
  }

  /** The dump ends well: it kills the processes. Fails with the reason if it did not answer. */
  CompletableFuture<Void> close() {
    CompletableFuture<Void> result = new CompletableFuture<>();
    connect(new CloseHandler(result), tls)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                result.completeExceptionally(problem(Transport.reason(done.cause())));
              }
            });
    return result;
  }

  /** The dump fails: it lets the processes continue. Fails with the reason if it is not there. */
  CompletableFuture<Void> reset() {
    CompletableFuture<Void> result = new CompletableFuture<>();
    ChannelFuture connecting = connect(new ChannelInboundHandlerAdapter(), null);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            Channel channel = connecting.channel();
            SocketOptions.set(channel, ChannelOption.SO_LINGER, 0);
            channel.close().addListener(closed -> result.complete(null));
          } else {
            result.completeExceptionally(problem(Transport.reason(done.cause())));
          }
        });
    return result;
  }

  private ChannelFuture connect(ChannelInboundHandlerAdapter handler, @Nullable CriuTls with) {
    Bootstrap client = environment.client();
    return client
        .group(loop)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) throws IOException {
                if (with != null) {
                  with.addClient(channel, address.getHostString(), address.getPort());
                }
                channel.pipeline().addLast(handler);
              }
            })
        .connect(address);
  }

  private IOException problem(String why) {
    return new IOException("criu dump at " + SocketAddresses.format(address) + ": " + why);
  }

  /** Sends CLOSE, with the header of whichever version answers. */
  private final class CloseHandler extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Void> result;
    private final ByteBuf answer = Unpooled.buffer(Integer.BYTES);

    CloseHandler(CompletableFuture<Void> result) {
      this.result = result;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ByteBuf header = ctx.alloc().buffer(NARROW_BYTES).writeIntLE(CLOSE_COMMAND);
      ctx.writeAndFlush(header.writeZero(NARROW_BYTES - Integer.BYTES));
      ctx.executor().schedule(() -> more(ctx), NARROW_ANSWER_MILLIS, TimeUnit.MILLISECONDS);
      ctx.executor()
          .schedule(
              () -> end(ctx, "no answer to CLOSE within " + ANSWER_SECONDS + " s"),
              ANSWER_SECONDS,
              TimeUnit.SECONDS);
    }

    private void more(ChannelHandlerContext ctx) {
      if (!result.isDone()) {
        ctx.writeAndFlush(ctx.alloc().buffer(MORE_BYTES).writeZero(MORE_BYTES));
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
        result.completeExceptionally(problem(failure));
      }
    }
  }
}
