package io.faultline.proto;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;

/**
 * Options of connections that may end at any instant. Netty throws where the socket is closed; but
 * that a connection has ended is told by its close, and to whom it concerns, and is not a failure
 * of whoever sets an option.
 */
public final class SocketOptions {
  private SocketOptions() {}

  /** Sets one; without effect where the connection has ended. */
  public static <T> void set(Channel channel, ChannelOption<T> option, T value) {
    try {
      channel.config().setOption(option, value);
    } catch (ChannelException e) {
      throwUnlessEnded(e);
    }
  }

  /** The round trip time that TCP has seen, in microseconds; that of no link once it has ended. */
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
