package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.Epoll;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How much gets under way to a receiver that reads nothing. */
class ShortQueueTest {
  private static final int PIECE_BYTES = 64 << 10;
  private static final long MANY_BYTES = 64L << 20;
  private static final int LIMIT_SECONDS = 20;

  /** Netty's 256 KiB and a piece, 128 KiB unsent, and what the receiver's 512 KiB hold. */
  private static final long MOST_BYTES = 1 << 20;

  @BeforeAll
  static void optionsAreThoseOfEpoll() {
    assumeTrue(Epoll.isAvailable(), "no epoll here: " + Transport.epollProblem());
  }

  @Test
  void aReceiverThatDoesNotReadHasLittleUnderWay() throws Exception {
    assertThat(bytesUnderWay(true)).isBetween((long) PIECE_BYTES, MOST_BYTES);
  }

  @Test
  void withoutItMuchIsUnderWay() throws Exception {
    assertThat(bytesUnderWay(false)).isGreaterThan(MOST_BYTES);
  }

  /**
   * @param bounded whether the queue is kept short
   */
  private static long bytesUnderWay(boolean bounded) throws Exception {
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
      if (bounded) {
        Channel receiver = accepted.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        ShortQueue.atSender(sender);
        ShortQueue.atReceiver(receiver);
        // It does not grow any more when the receiver reads.
        assertThat(receiver.config().getOption(ChannelOption.SO_RCVBUF))
            .isEqualTo(2 * Math.min(256 << 10, mostReceiveBytes()));
      }
      return fill(sender);
    }
  }

  private static int mostReceiveBytes() throws IOException {
    // In one read: such a file has nothing behind the first.
    try (BufferedReader lines = Files.newBufferedReader(Path.of("/proc/sys/net/core/rmem_max"))) {
      return Integer.parseInt(lines.readLine());
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
