package io.faultline.proto;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;

/**
 * Keeps little under way on a bulk connection. A page that is asked for when it is already under
 * way waits for all that goes before it: with the buffers that Linux chooses by itself that is
 * several MiB, and was most of the tail of fault latency (docs/performance.md).
 *
 * <p>Data waits in three places: in Netty's queue, in the sender's socket behind what the network
 * takes (TCP_NOTSENT_LOWAT, tcp(7)), and in the receiver's socket until it is placed (SO_RCVBUF).
 * The last one also bounds what may be on the wire, and so is left alone on links that need more.
 */
public final class ShortQueue {
  private static final WriteBufferWaterMark NETTY_QUEUE =
      new WriteBufferWaterMark(64 << 10, 256 << 10);

  private static final int UNSENT_BYTES = 128 << 10;

  /** Linux takes it twice, for its own needs. */
  private static final int RECEIVE_BYTES = 256 << 10;

  /** So far away 256 KiB on the wire are about 10 Gbit/s: one machine, or two in a rack. */
  private static final int NEAR_MICROS = 200;

  private ShortQueue() {}

  /** At the end that sends, when it is connected. */
  public static void atSender(Channel bulk) {
    bulk.config().setWriteBufferWaterMark(NETTY_QUEUE);
    if (bulk instanceof EpollSocketChannel) {
      bulk.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) UNSENT_BYTES);
    }
  }

  /** At the end that receives, before page data comes. */
  public static void atReceiver(Channel bulk) {
    if (bulk instanceof EpollSocketChannel socket && socket.tcpInfo().rtt() <= NEAR_MICROS) {
      bulk.config().setOption(ChannelOption.SO_RCVBUF, RECEIVE_BYTES);
    }
  }
}
