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
 * <p>Several bulk connections of a migration share all of that: it is the sum that goes before a
 * page.
 *
 * <p>Belongs to the connection's loop.
 */
public final class SendQueueLimit {
  /** Of the queue in Netty: where it is full; where it has room again is at a quarter of that. */
  private static final int SHORT_QUEUE_BYTES = 256 << 10;

  private static final int LONG_QUEUE_BYTES = 4 << 20;
  private static final int LEAST_QUEUE_BYTES = 64 << 10;

  private static final long SHORT_UNSENT_BYTES = 128 << 10;
  private static final long LEAST_UNSENT_BYTES = 16 << 10;

  /** As if it had not been set: the option is of 32 bits. */
  private static final long LONG_UNSENT_BYTES = 0xffff_ffffL;

  private static final int SHORT_WINDOW_BYTES = 256 << 10;
  private static final int LEAST_WINDOW_BYTES = 64 << 10;
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
  private final int channels;
  private long askedBefore;
  private boolean isShort;

  private SendQueueLimit(EpollSocketChannel bulk, boolean sends, LongSupplier asked, int channels) {
    this.bulk = bulk;
    this.sends = sends;
    this.asked = asked;
    this.channels = channels;
  }

  /**
   * At the end that sends, when it is connected.
   *
   * @param asked how many pages were asked for so far
   * @param channels bulk connections of the migration, at least 1
   */
  public static void atSender(Channel bulk, LongSupplier asked, int channels) {
    if (bulk instanceof EpollSocketChannel socket) {
      new SendQueueLimit(socket, true, asked, channels).start();
    } else {
      bulk.config().setWriteBufferWaterMark(queue(SHORT_QUEUE_BYTES, channels));
    }
  }

  /**
   * At the end that receives, before page data comes.
   *
   * @param asked as at the other end
   * @param channels as at the other end
   */
  public static void atReceiver(Channel bulk, LongSupplier asked, int channels) {
    if (bulk instanceof EpollSocketChannel socket
        && SocketOptions.rttMicros(socket) <= NEAR_MICROS) {
      new SendQueueLimit(socket, false, asked, channels).start();
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
      int queued = wanted ? SHORT_QUEUE_BYTES : LONG_QUEUE_BYTES;
      bulk.config().setWriteBufferWaterMark(queue(queued, channels));
      long share = Math.max(LEAST_UNSENT_BYTES, SHORT_UNSENT_BYTES / channels);
      long unsent = wanted ? share : LONG_UNSENT_BYTES;
      SocketOptions.set(bulk, EpollChannelOption.TCP_NOTSENT_LOWAT, unsent);
    } else {
      int share = Math.max(LEAST_WINDOW_BYTES, SHORT_WINDOW_BYTES / channels);
      SocketOptions.set(bulk, WINDOW_CLAMP, wanted ? share : LONG_WINDOW_BYTES);
    }
  }

  /** The share of one connection. */
  private static WriteBufferWaterMark queue(int bytes, int channels) {
    int share = Math.max(LEAST_QUEUE_BYTES, bytes / channels);
    return new WriteBufferWaterMark(share / 4, share);
  }
}
