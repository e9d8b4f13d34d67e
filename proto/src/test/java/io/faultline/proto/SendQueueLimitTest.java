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

/** How much gets under way to a receiver that reads nothing. */
class SendQueueLimitTest {
  private static final int PIECE_BYTES = 64 << 10;
  private static final long MANY_BYTES = 64L << 20;
  private static final int LIMIT_SECONDS = 20;

  /** Netty's 256 KiB and a piece, 128 KiB unsent, and what both sockets hold besides. */
  private static final long MOST_BYTES = 1 << 20;

  private static final IntegerUnixChannelOption WINDOW_CLAMP =
      new IntegerUnixChannelOption("TCP_WINDOW_CLAMP", 6, 10);

  @BeforeAll
  static void optionsAreThoseOfEpoll() {
    assumeTrue(Epoll.isAvailable(), "no epoll here: " + Transport.epollProblem());
  }

  @Test
  void whileSomebodyAsksLittleIsUnderWay() throws Exception {
    AtomicLong asked = new AtomicLong();
    assertThat(bytesUnderWay(asked::incrementAndGet)).isBetween((long) PIECE_BYTES, MOST_BYTES);
  }

  @Test
  void whileNobodyAsksMuchIsUnderWay() throws Exception {
    assertThat(bytesUnderWay(() -> 7)).isGreaterThan(MOST_BYTES);
  }

  @Test
  void theReceiversWindowIsSmallWhileSomebodyAsks() throws Exception {
    AtomicLong asked = new AtomicLong(1);
    AtomicBoolean asking = new AtomicBoolean(true);
    LongSupplier sometimes = () -> asking.get() ? asked.incrementAndGet() : asked.get();
    onConnection(
        (sender, receiver) -> {
          receiver
              .eventLoop()
              .submit(() -> SendQueueLimit.atReceiver(receiver, sometimes, 1))
              .sync();
          awaitClamp(receiver, 256 << 10);
          asking.set(false);
          awaitClamp(receiver, 64 << 20);
          asking.set(true);
          awaitClamp(receiver, 256 << 10);
          return 0;
        });
  }

  /** The peer may be gone at any instant: that is told by the close, and is nobody's failure. */
  @Test
  void aConnectionThatHasEndedIsLeftAsItIs() throws Exception {
    onConnection(
        (sender, receiver) -> {
          sender.close().sync();
          receiver.close().sync();
          sender.eventLoop().submit(() -> SendQueueLimit.atSender(sender, () -> 1, 1)).sync();
          receiver.eventLoop().submit(() -> SendQueueLimit.atReceiver(receiver, () -> 1, 1)).sync();
          Transport.giveUpAfter(sender, 1000);
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

  private static long bytesUnderWay(LongSupplier asked) throws Exception {
    return onConnection(
        (sender, receiver) -> {
          sender.eventLoop().submit(() -> SendQueueLimit.atSender(sender, asked, 1)).sync();
          receiver.eventLoop().submit(() -> SendQueueLimit.atReceiver(receiver, asked, 1)).sync();
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

  /** Writes as long as the channel takes it; it has time to pass on what it can. */
  private static long fill(Channel sender) throws InterruptedException {
    long written = 0;
    for (int quiet = 0; quiet < 20 && written < MANY_BYTES; quiet++) {
      while (sender.isWritable() && written < MANY_BYTES) {
        sender.writeAndFlush(Unpooled.directBuffer(PIECE_BYTES).writeZero(PIECE_BYTES));
        sender.eventLoop().submit(() -> {}).sync();
        written += PIECE_BYTES;
        quiet = 0;
      }
      Thread.sleep(10); // what the kernel passes on wakes nobody here
    }
    return written;
  }
}
