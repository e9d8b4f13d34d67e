package io.faultline.proto;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.IoEventLoop;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TransportTest {
  /** Fewer milliseconds than the second for which a loop runs tasks submitted by tasks. */
  private static final int MAX_SLICES = 500;

  @Test
  void onlyNetworkFailuresAreReportedAsALostConnection() {
    assertThat(Transport.closeReason("the line", new IOException("reset")))
        .isEqualTo("the line was lost: reset");
    assertThat(Transport.closeReason("the line", new WireException("an unexpected RUN")))
        .isEqualTo("an unexpected RUN");
    assertThat(Transport.closeReason("the line", new ArithmeticException("by zero")))
        .contains("ArithmeticException", "by zero");
  }

  @Test
  void reasonOmitsTheCallAndTheErrorNumber() {
    String message = "recvAddress(..) failed with error(-104): Connection reset by peer";
    assertThat(Transport.reason(new IOException(message))).isEqualTo("Connection reset by peer");
  }

  @Test
  void reasonKeepsOtherMessages() {
    assertThat(Transport.reason(new IOException("Broken pipe"))).isEqualTo("Broken pipe");
  }

  @Test
  void workInSlicesLetsTheLoopReadInBetween() throws Exception {
    try (Transport transport = new Transport()) {
      IoEventLoop loop = transport.newLoop("slices");
      AtomicBoolean arrived = new AtomicBoolean();
      InetSocketAddress address =
          (InetSocketAddress)
              transport
                  .server()
                  .group(loop)
                  .childHandler(
                      new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelRead(ChannelHandlerContext ctx, Object message) {
                          ReferenceCountUtil.release(message);
                          arrived.set(true);
                        }

                        @Override
                        public boolean isSharable() {
                          return true;
                        }
                      })
                  .bind(InetAddress.getLoopbackAddress(), 0)
                  .sync()
                  .channel()
                  .localAddress();
      try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
        CompletableFuture<Integer> slices = new CompletableFuture<>();
        CountDownLatch started = new CountDownLatch(1);
        Executor afterIo = Transport.afterIo(loop);
        afterIo.execute(() -> slice(afterIo, arrived, started, 0, slices));
        started.await();
        socket.getOutputStream().write(1);
        assertThat(slices.get(60, TimeUnit.SECONDS)).isLessThan(MAX_SLICES);
      }
    }
  }

  @Test
  void channelIsClosedIfItsLoopIsToldToEndDuringATask() throws Exception {
    Transport transport = new Transport();
    IoEventLoop loop = transport.newLoop("ends");
    Channel open = bind(transport, loop).sync().channel();
    CountDownLatch release = stop(loop);
    closeDuring(transport, loop, release);
    assertThat(open.isOpen()).isFalse();
  }

  @Test
  void channelIsClosedThatIsRegisteredWhileItsLoopEnds() throws Exception {
    Transport transport = new Transport();
    IoEventLoop loop = transport.newLoop("ends");
    CountDownLatch release = stop(loop);
    Channel late = bind(transport, loop).channel();
    closeDuring(transport, loop, release);
    assertThat(late.isOpen()).isFalse();
  }

  private static ChannelFuture bind(Transport transport, IoEventLoop loop) {
    return transport
        .server()
        .group(loop)
        .childHandler(new ChannelInboundHandlerAdapter())
        .bind(InetAddress.getLoopbackAddress(), 0);
  }

  /** Keeps a loop in a task until the latch is released. */
  private static CountDownLatch stop(IoEventLoop loop) throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    loop.execute(
        () -> {
          stopped.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    stopped.await();
    return release;
  }

  /** Closes the transport, whose loop runs on when it has been told to end. */
  private static void closeDuring(Transport transport, IoEventLoop loop, CountDownLatch release)
      throws InterruptedException {
    Thread closer = Thread.ofPlatform().start(transport::close);
    while (!loop.isShuttingDown()) {
      Thread.onSpinWait();
    }
    release.countDown();
    closer.join();
  }

  /** Runs for a millisecond, and submits itself again until data has arrived. */
  private static void slice(
      Executor loop,
      AtomicBoolean arrived,
      CountDownLatch started,
      int done,
      CompletableFuture<Integer> end) {
    long until = System.nanoTime() + 1_000_000;
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    started.countDown();
    if (arrived.get() || done == MAX_SLICES) {
      end.complete(done);
    } else {
      loop.execute(() -> slice(loop, arrived, started, done + 1, end));
    }
  }
}
