package io.faultline.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class DelayedLinkTest {
  private static final Duration DELAY = Duration.ofMillis(20);
  private static final int WINDOW_BYTES = 256 << 10;
  private static final int WINDOWS = 5;

  @Test
  void dataArrivesAfterTheDelayInBothDirections() throws Exception {
    try (ServerSocket destination = listen();
        DelayedLink link = link(destination);
        Socket near = connect(link);
        Socket far = destination.accept()) {
      far.setSoTimeout(60_000);
      long started = System.nanoTime();
      near.getOutputStream().write(7);
      assertThat(far.getInputStream().read()).isEqualTo(7);
      assertThat(System.nanoTime() - started).isGreaterThanOrEqualTo(DELAY.toNanos());
      far.getOutputStream().write(8);
      assertThat(near.getInputStream().read()).isEqualTo(8);
      assertThat(System.nanoTime() - started).isGreaterThanOrEqualTo(2 * DELAY.toNanos());
      near.shutdownOutput();
      assertThat(far.getInputStream().read()).as("end of stream").isNegative();
    }
  }

  /** Each window but the first waits for a round trip. */
  @Test
  void connectionCarriesOneWindowPerRoundTrip() throws Exception {
    try (ServerSocket destination = listen();
        DelayedLink link = link(destination);
        Socket near = connect(link);
        Socket far = destination.accept()) {
      CompletableFuture<Integer> received = CompletableFuture.supplyAsync(() -> count(far));
      long started = System.nanoTime();
      near.getOutputStream().write(new byte[WINDOWS * WINDOW_BYTES]);
      near.shutdownOutput();
      assertThat(received.get()).isEqualTo(WINDOWS * WINDOW_BYTES);
      assertThat(System.nanoTime() - started)
          .isGreaterThanOrEqualTo((WINDOWS - 1) * 2 * DELAY.toNanos());
    }
  }

  private static int count(Socket from) {
    try {
      InputStream in = from.getInputStream();
      return in.readAllBytes().length;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private static DelayedLink link(ServerSocket to) throws IOException {
    return new DelayedLink((InetSocketAddress) to.getLocalSocketAddress(), DELAY, WINDOW_BYTES);
  }

  private static Socket connect(DelayedLink link) throws IOException {
    Socket socket = new Socket(link.address().getAddress(), link.address().getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }
}
