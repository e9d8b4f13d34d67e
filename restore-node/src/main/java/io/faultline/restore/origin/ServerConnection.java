package io.faultline.restore.origin;

import io.faultline.proto.SocketOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * How a connection to a page server ends. A dump that serves pages kills its process when it sees
 * the end of the stream, and lets it run on when the connection is reset. So every connection
 * resets when it is closed, even by the kernel for a process that died, until the session is {@link
 * #commit committed}.
 */
final class ServerConnection {
  /** A close discards what was not sent and resets (socket(7)). */
  static final int RESET = 0;

  private static final int END_OF_STREAM = -1;

  private ServerConnection() {}

  /** The socket to read and write directly; null if the channel is encrypted or not of epoll. */
  static @Nullable Socket direct(Channel channel, boolean encrypted) {
    return !encrypted
            && channel instanceof EpollSocketChannel epoll
            && epoll.fd() instanceof Socket socket
        ? socket
        : null;
  }

  /** All pages have arrived: from now on a close is the end of the stream. */
  static void commit(Channel channel) {
    SocketOptions.set(channel, ChannelOption.SO_LINGER, END_OF_STREAM);
  }

  /**
   * Resets the connection, also if other processes have the same socket. Nothing is sent before,
   * such as the end of a TLS session, which a dump would treat as the end of the stream.
   */
  static void reset(Channel channel) {
    SocketOptions.set(channel, ChannelOption.SO_LINGER, RESET);
    if (channel.isActive()
        && channel instanceof EpollSocketChannel epoll
        && epoll.fd() instanceof Socket socket) {
      try {
        socket.disconnect();
      } catch (IOException e) {
        // it has ended already, or is not connected yet
      }
    }
    channel.unsafe().close(channel.unsafe().voidPromise());
  }
}
