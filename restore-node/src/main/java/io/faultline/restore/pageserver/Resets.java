package io.faultline.restore.pageserver;

import io.faultline.proto.SocketOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/** Ends a connection so that its client notices a failure, not the end of a stream. */
final class Resets {
  private Resets() {}

  /** Discards what was not sent, and resets (SO_LINGER of socket(7)). */
  static void reset(Channel channel) {
    SocketOptions.set(channel, ChannelOption.SO_LINGER, 0);
    channel.unsafe().close(channel.unsafe().voidPromise());
  }
}
