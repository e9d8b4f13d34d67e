package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How much data gets in flight to a receiver that reads nothing. */
class SendQueueLimitTest {
  private static final int PIECE_BYTES = 64 << 10;
  private static final long MANY_BYTES = 64L << 20;
  private static final int LIMIT_SECONDS = 60;

  /** Netty's 256 KiB and one piece, 128 KiB unsent, and the buffers of both sockets. */
  private static final long SHORT_BYTES = 1 << 20;

  private static final IntegerUnixChannelOption WINDOW_CLAMP =
      new IntegerUnixChannelOption("TCP_WINDOW_CLAMP", 6, 10);

  @BeforeAll
  static void requireEpoll() {
    assumeTrue(Epoll.isAvailable(), "no epoll here: " + Transport.epollProblem());
  }

  @Test
  void littleIsInFlightWhilePagesAreRequested() throws Exception {
    AtomicLong requests = new AtomicLong();
    assertThat(bytesInFlight(requests::incrementAndGet)).isBetween((long) PIECE_BYTES, SHORT_BYTES);
  }

  @Test
  void muchIsInFlightWithoutRequests() throws Exception {
    assertThat(bytesInFlight(() -> 7)).isGreaterThan(SHORT_BYTES);
  }

  @Test
  void receiverWindowIsSmallWhilePagesAreRequested() throws Exception {
    AtomicLong requests = new AtomicLong(1);
    AtomicBoolean requesting = new AtomicBoolean(true);
    LongSupplier sometimes = () -> requesting.get() ? requests.incrementAndGet() : requests.get();
    onConnection(
        (sender, receiver) -> {
          receiver
              .eventLoop()
              .submit(() -> SendQueueLimit.atReceiver(receiver, sometimes, 1))
              .sync();
          awaitClamp(receiver, 256 << 10);
          requesting.set(false);
          awaitClamp(receiver, 64 << 20);
          requesting.set(true);
          awaitClamp(receiver, 256 << 10);
          return 0;
        });
  }

  /** The peer may vanish at any time; the channel's close reports that. */
  @Test
  void closedConnectionIsNotAnError() throws Exception {
    onConnection(
        (sender, receiver) -> {
          sender.close().sync();
          receiver.close().sync();
          sender.eventLoop().submit(() -> SendQueueLimit.atSender(sender, () -> 1, 1)).sync();
          receiver.eventLoop().submit(() -> SendQueueLimit.atReceiver(receiver, () -> 1, 1)).sync();
          Transport.setUserTimeout(sender, 1000);
          return 0;
        });
  }

  private static void awaitClamp(Channel receiver, int bytes) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (receiver.config().getOption(WINDOW_CLAMP) != bytes && System.nanoTime() < deadline) {
      Thread.sleep(5);
    }
    assertThat(receiver.config().getOption(WINDOW_CLAMP)).isEqualTo(bytes);
  }

  private static long bytesInFlight(LongSupplier requests) throws Exception {
    return onConnection(
        (sender, receiver) -> {
          sender.eventLoop().submit(() -> SendQueueLimit.atSender(sender, requests, 1)).sync();
          receiver
              .eventLoop()
              .submit(() -> SendQueueLimit.atReceiver(receiver, requests, 1))
              .sync();
          return fill(sender);
        });
  }

  private interface Use {
    long with(Channel sender, Channel receiver) throws Exception;
  }

  private static long onConnection(Use use) throws Exception {
    try (Transport transport = new Transport()) {
      IoEventLoop loop = transport.newLoop("short-queue");
      CompletableFuture<Channel> accepted = new CompletableFuture<>();
      Channel server =
          transport
              .server()
              .group(loop)
              .childHandler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      channel.config().setAutoRead(false);
                      accepted.complete(channel);
                    }
                  })
              .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .sync()
              .channel();
      Channel sender =
          transport
              .client()
              .group(loop)
              .handler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {}
                  })
              .connect(server.localAddress())
              .sync()
              .channel();
      return use.with(sender, accepted.get(LIMIT_SECONDS, TimeUnit.SECONDS));
    }
  }

  /** Writes while the channel is writable, and gives the kernel time to send. */
  private static long fill(Channel sender) throws InterruptedException {
    long written = 0;
    for (int quiet = 0; quiet < 20 && written < MANY_BYTES; quiet++) {
      while (sender.isWritable() && written < MANY_BYTES) {
        sender.writeAndFlush(Unpooled.directBuffer(PIECE_BYTES).writeZero(PIECE_BYTES));
        sender.eventLoop().submit(() -> {}).sync();
        written += PIECE_BYTES;
        quiet = 0;
      }
      Thread.sleep(10); // poll: draining in the kernel does not notify this thread
    }
    return written;
  }
}
