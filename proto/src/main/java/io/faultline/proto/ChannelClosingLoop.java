package io.faultline.proto;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;

/**
 * An event loop that closes all its channels at its end. Netty's own closes them between two rounds
 * of tasks, and ends after a round without another look: a channel stays open, and its descriptor
 * lost, if the loop was told to end during that round, or if a task of it registered the channel.
 */
final class ChannelClosingLoop extends SingleThreadIoEventLoop {
  ChannelClosingLoop(IoEventLoopGroup group, Executor executor, IoHandlerFactory factory) {
    super(group, executor, factory);
  }

  /** Is called again after the tasks that a close submits, until the loop accepts no more. */
  @Override
  protected boolean confirmShutdown() {
    boolean confirmed = super.confirmShutdown();
    if (confirmed) {
      ioHandler().prepareToDestroy();
    }
    return confirmed;
  }
}
