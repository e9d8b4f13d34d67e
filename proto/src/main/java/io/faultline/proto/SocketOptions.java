package io.faultline.proto;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;

/**
 * Socket options of connections that may end at any time. Netty throws if the socket is closed; but
 * the channel's close reports that, and setting an option must not fail for it.
 */
public final class SocketOptions {
  private SocketOptions() {}

  /** Sets an option; does nothing if the connection has ended. */
  public static <T> void set(Channel channel, ChannelOption<T> option, T value) {
    try {
      channel.config().setOption(option, value);
    } catch (ChannelException e) {
      throwUnlessEnded(e);
    }
  }

  /** TCP's round trip time in microseconds; {@link Long#MAX_VALUE} if the connection has ended. */
  static long rttMicros(EpollSocketChannel channel) {
    try {
      return channel.tcpInfo().rtt();
    } catch (ChannelException e) {
      throwUnlessEnded(e);
      return Long.MAX_VALUE;
    }
  }

  private static void throwUnlessEnded(ChannelException e) {
    if (!(e.getCause() instanceof IOException)) {
      throw e;
    }
  }
}
