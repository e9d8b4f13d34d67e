package io.faultline.restore.pageserver;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.concurrent.TimeUnit;

/**
 * Ends the connection of a client that has sent no command, or does not read what it asked for. One
 * that waits between requests may take its time: its process may touch its memory much later.
 */
final class SilentClients extends IdleStateHandler {
  private final ServingSession session;
  private final int seconds;

  SilentClients(ServingSession session, int seconds) {
    super(true, 0, 0, seconds, TimeUnit.SECONDS);
    this.session = session;
    this.seconds = seconds;
  }

  @Override
  protected void channelIdle(ChannelHandlerContext ctx, IdleStateEvent event) {
    ChannelOutboundBuffer queue = ctx.channel().unsafe().outboundBuffer();
    if (!session.isStarted()) {
      end(ctx, "sent no command for " + seconds + " s");
    } else if (queue != null && !queue.isEmpty()) {
      end(ctx, "has read nothing for " + seconds + " s of what it asked for");
    }
  }

  private static void end(ChannelHandlerContext ctx, String problem) {
    ctx.fireExceptionCaught(new PageServerException("the client " + problem));
  }
}
