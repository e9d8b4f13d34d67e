package io.faultline.proto;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps little under way on a bulk connection while the guest asks for pages. A page that is asked
 * for when it is already under way waits for all that goes before it: with the buffers that Linux
 * chooses by itself that is several MiB, and was most of the tail of fault latency. While nobody
 * asks, a long queue moves memory faster: the two ends wait less for each other
 * (docs/performance.md).
 *
 * <p>Data waits in three places: in Netty's queue, in the sender's socket behind what the network
 * takes (TCP_NOTSENT_LOWAT, tcp(7)), and in the receiver's socket until it is placed
 * (TCP_WINDOW_CLAMP, tcp(7)). The last one also bounds what may be on the wire, and so is left
 * alone on links that need more.
 *
 * <p>Belongs to the connection's loop.
 */
public final class ShortQueue {
  private static final WriteBufferWaterMark SHORT_NETTY_QUEUE =
      new WriteBufferWaterMark(64 << 10, 256 << 10);
  private static final WriteBufferWaterMark LONG_NETTY_QUEUE =
      new WriteBufferWaterMark(1 << 20, 4 << 20);

  private static final long SHORT_UNSENT_BYTES = 128 << 10;

  /** As if it had not been set: the option is of 32 bits. */
  private static final long LONG_UNSENT_BYTES = 0xffff_ffffL;

  private static final int SHORT_WINDOW_BYTES = 256 << 10;
  private static final int LONG_WINDOW_BYTES = 64 << 20;

  /** IPPROTO_TCP and TCP_WINDOW_CLAMP of linux/in.h and linux/tcp.h. */
  private static final IntegerUnixChannelOption WINDOW_CLAMP =
      new IntegerUnixChannelOption("TCP_WINDOW_CLAMP", 6, 10);

  /** So far away 256 KiB on the wire are about 10 Gbit/s: one machine, or two in a rack. */
  private static final int NEAR_MICROS = 200;

  /** Whoever asked within this time may ask again: far more than a fault takes. */
  private static final long LOOK_MILLIS = 20;

  private final EpollSocketChannel bulk;
  private final boolean sends;
  private final LongSupplier asked;
  private long askedBefore;
  private boolean isShort;

  private ShortQueue(EpollSocketChannel bulk, boolean sends, LongSupplier asked) {
    this.bulk = bulk;
    this.sends = sends;
    this.asked = asked;
  }

  /**
   * At the end that sends, when it is connected.
   *
   * @param asked how many pages were asked for so far
   */
  public static void atSender(Channel bulk, LongSupplier asked) {
    if (bulk instanceof EpollSocketChannel socket) {
      new ShortQueue(socket, true, asked).start();
    } else {
      bulk.config().setWriteBufferWaterMark(SHORT_NETTY_QUEUE);
    }
  }

  /**
   * At the end that receives, before page data comes.
   *
   * @param asked as at the other end
   */
  public static void atReceiver(Channel bulk, LongSupplier asked) {
    if (bulk instanceof EpollSocketChannel socket && socket.tcpInfo().rtt() <= NEAR_MICROS) {
      new ShortQueue(socket, false, asked).start();
    }
  }

  /** At first it is short: a guest that has just come asks for much. */
  private void start() {
    set(true);
    ScheduledFuture<?> looks =
        bulk.eventLoop()
            .scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    bulk.closeFuture().addListener(closed -> looks.cancel(false));
  }

  private void look() {
    long now = asked.getAsLong();
    boolean wanted = now != askedBefore;
    askedBefore = now;
    // A window that the kernel has widened by itself is clamped again.
    if (wanted != isShort || (wanted && !sends)) {
      set(wanted);
    }
  }

  private void set(boolean wanted) {
    isShort = wanted;
    if (!bulk.isActive()) {
      return;
    }
    if (sends) {
      bulk.config().setWriteBufferWaterMark(wanted ? SHORT_NETTY_QUEUE : LONG_NETTY_QUEUE);
      long unsent = wanted ? SHORT_UNSENT_BYTES : LONG_UNSENT_BYTES;
      bulk.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, unsent);
    } else {
      bulk.config().setOption(WINDOW_CLAMP, wanted ? SHORT_WINDOW_BYTES : LONG_WINDOW_BYTES);
    }
  }
}
