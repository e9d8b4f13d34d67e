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
 * Keeps the amount of bulk data in flight small while the guest requests pages. A requested page
 * that is already in flight waits for all data queued before it: with the default buffers of Linux
 * that is several MiB, and accounted for most of the tail of fault latency. While there are no
 * requests, a long queue moves memory faster, since the two sides wait less for each other
 * (docs/performance.md).
 *
 * <p>Data is queued in three places: in Netty's queue; in the sender's socket until the network
 * accepts it (TCP_NOTSENT_LOWAT, tcp(7)); and in the receiver's socket until it is placed
 * (TCP_WINDOW_CLAMP, tcp(7)). The last one also bounds the data on the wire, and so is left alone
 * on links that need more.
 *
 * <p>The bulk connections of a migration share these limits: a page waits for the sum of their
 * queues.
 *
 * <p>Confined to the connection's event loop.
 */
public final class SendQueueLimit {
  /** The high water mark of Netty's queue; the low water mark is a quarter of it. */
  private static final int SHORT_QUEUE_BYTES = 256 << 10;

  private static final int LONG_QUEUE_BYTES = 4 << 20;
  private static final int MIN_QUEUE_BYTES = 64 << 10;

  private static final long SHORT_UNSENT_BYTES = 128 << 10;
  private static final long MIN_UNSENT_BYTES = 16 << 10;

  /** No limit: the option has 32 bits. */
  private static final long LONG_UNSENT_BYTES = 0xffff_ffffL;

  private static final int SHORT_WINDOW_BYTES = 256 << 10;
  private static final int MIN_WINDOW_BYTES = 64 << 10;
  private static final int LONG_WINDOW_BYTES = 64 << 20;

  /** IPPROTO_TCP and TCP_WINDOW_CLAMP of linux/in.h and linux/tcp.h. */
  private static final IntegerUnixChannelOption WINDOW_CLAMP =
      new IntegerUnixChannelOption("TCP_WINDOW_CLAMP", 6, 10);

  /**
   * The round trip time up to which 256 KiB in flight allow about 10 Gbit/s: one machine, or two in
   * one rack.
   */
  private static final int MAX_CLAMPED_RTT_MICROS = 200;

  /** The period in which a request keeps the queue short: much longer than a fault takes. */
  private static final long CHECK_MILLIS = 20;

  private final EpollSocketChannel bulk;
  private final boolean sends;
  private final LongSupplier requests;
  private final int channels;
  private long requestsBefore;
  private boolean isShort;

  private SendQueueLimit(
      EpollSocketChannel bulk, boolean sends, LongSupplier requests, int channels) {
    this.bulk = bulk;
    this.sends = sends;
    this.requests = requests;
    this.channels = channels;
  }

  /**
   * Starts limiting at the sender; call it once the channel is connected.
   *
   * @param requests the number of pages requested so far
   * @param channels the number of bulk connections of the migration, at least 1
   */
  public static void atSender(Channel bulk, LongSupplier requests, int channels) {
    if (bulk instanceof EpollSocketChannel socket) {
      new SendQueueLimit(socket, true, requests, channels).start();
    } else {
      bulk.config().setWriteBufferWaterMark(queue(SHORT_QUEUE_BYTES, channels));
    }
  }

  /**
   * Starts limiting at the receiver; call it before page data arrives.
   *
   * @param requests as at the sender
   * @param channels as at the sender
   */
  public static void atReceiver(Channel bulk, LongSupplier requests, int channels) {
    if (bulk instanceof EpollSocketChannel socket
        && SocketOptions.rttMicros(socket) <= MAX_CLAMPED_RTT_MICROS) {
      new SendQueueLimit(socket, false, requests, channels).start();
    }
  }

  /** Starts with a short queue: a guest that has just started requests many pages. */
  private void start() {
    set(true);
    ScheduledFuture<?> checks =
        bulk.eventLoop()
            .scheduleWithFixedDelay(this::check, CHECK_MILLIS, CHECK_MILLIS, TimeUnit.MILLISECONDS);
    bulk.closeFuture().addListener(closed -> checks.cancel(false));
  }

  private void check() {
    long now = requests.getAsLong();
    boolean makeShort = now != requestsBefore;
    requestsBefore = now;
    // At the receiver clamp again: the kernel may have widened the window meanwhile.
    if (makeShort != isShort || (makeShort && !sends)) {
      set(makeShort);
    }
  }

  private void set(boolean makeShort) {
    isShort = makeShort;
    if (!bulk.isActive()) {
      return;
    }
    if (sends) {
      int queued = makeShort ? SHORT_QUEUE_BYTES : LONG_QUEUE_BYTES;
      bulk.config().setWriteBufferWaterMark(queue(queued, channels));
      long share = Math.max(MIN_UNSENT_BYTES, SHORT_UNSENT_BYTES / channels);
      long unsent = makeShort ? share : LONG_UNSENT_BYTES;
      SocketOptions.set(bulk, EpollChannelOption.TCP_NOTSENT_LOWAT, unsent);
    } else {
      int share = Math.max(MIN_WINDOW_BYTES, SHORT_WINDOW_BYTES / channels);
      SocketOptions.set(bulk, WINDOW_CLAMP, makeShort ? share : LONG_WINDOW_BYTES);
    }
  }

  /** The share of one connection. */
  private static WriteBufferWaterMark queue(int bytes, int channels) {
    int share = Math.max(MIN_QUEUE_BYTES, bytes / channels);
    return new WriteBufferWaterMark(share / 4, share);
  }
}
