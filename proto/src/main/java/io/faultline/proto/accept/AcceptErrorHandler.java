package io.faultline.proto.accept;

import io.faultline.proto.Transport;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.Consumer;

/**
 * Logs, once, that connections cannot be accepted, for example because no file descriptors are
 * left. Netty retries after a second; until then new connections wait in the kernel's backlog.
 * Confined to the accept loop; comes after Netty's own handler in the listening channel's pipeline.
 */
final class AcceptErrorHandler extends ChannelInboundHandlerAdapter {
  private final Consumer<String> log;
  private boolean logged;

  AcceptErrorHandler(Consumer<String> log) {
    this.log = log;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!logged) {
      logged = true;
      log.accept(
          "cannot accept connections: "
              + Transport.reason(cause)
              + "; retrying every second; raise the limit of open files (ulimit -n) if this"
              + " persists");
    }
  }
}
