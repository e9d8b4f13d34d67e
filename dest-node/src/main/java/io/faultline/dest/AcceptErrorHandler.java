package io.faultline.dest;

import io.faultline.proto.Transport;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.function.Consumer;

/**
 * Tells once that connections cannot be taken in, as when there are no file descriptors left. Netty
 * accepts again a second later, and whoever connects waits in the kernel's queue until then.
 * Belongs to the accept loop; behind Netty's own handler of the listening channel.
 */
final class AcceptErrorHandler extends ChannelInboundHandlerAdapter {
  private final Consumer<String> log;
  private boolean told;

  AcceptErrorHandler(Consumer<String> log) {
    this.log = log;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!told) {
      told = true;
      log.accept(
          "cannot take connections in: "
              + Transport.reason(cause)
              + "; trying again each second, raise the limit of open files (ulimit -n) if it"
              + " stays");
    }
  }
}
