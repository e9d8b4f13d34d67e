package io.faultline.cli.bench.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses a fake monitor with scripted replies. */
class QmpConnectionTest {
  private static final String GREETING = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}";
  private static final String DONE = "{\"return\": {}}";

  @TempDir Path directory;
  private ServerSocketChannel server;

  @BeforeEach
  void listen() throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(directory.resolve("qmp.sock")));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void eventsBeforeTheReplyToACommandAreKept() throws Exception {
    String stop = "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 5}, \"event\": \"STOP\"}";
    reply(DONE, stop + "\n{\"return\": {\"status\": \"active\"}}");
    try (QmpConnection monitor = connect()) {
      assertThat(monitor.execute("query-migrate").path("status").asString()).isEqualTo("active");
      assertThat(monitor.await(event -> event.name().equals("STOP"), Duration.ZERO))
          .contains(new QmpEvent("STOP", 1_000_005, ""));
    }
  }

  @Test
  void refusalQuotesQemu() throws Exception {
    reply(DONE, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"not now\"}}");
    try (QmpConnection monitor = connect()) {
      assertThatIOException()
          .isThrownBy(() -> monitor.execute("migrate"))
          .withMessage("QEMU refuses migrate: not now");
    }
  }

  @Test
  void waitForAnEventTimesOut() throws Exception {
    reply(DONE, DONE, DONE);
    try (QmpConnection monitor = connect()) {
      long start = System.nanoTime();
      assertThat(monitor.await(QmpEvent::endsMigration, Duration.ofMillis(50))).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(50), Duration.ofSeconds(20));
    }
  }

  @Test
  void everyWaitFailsOnceQemuHasEnded() throws Exception {
    reply(DONE);
    try (QmpConnection monitor = connect()) {
      for (int i = 0; i < 2; i++) {
        assertThatIOException()
            .isThrownBy(() -> monitor.await(QmpEvent::endsMigration, Duration.ofMinutes(5)))
            .withMessageContaining("closed its monitor");
      }
    }
  }

  private QmpConnection connect() throws Exception {
    return QmpConnection.open(directory.resolve("qmp.sock"));
  }

  /** Greets, replies to each line with the next of these, and closes after the last. */
  private void reply(String... replies) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (SocketChannel peer = server.accept();
                  BufferedReader lines =
                      new BufferedReader(
                          new InputStreamReader(
                              Channels.newInputStream(peer), StandardCharsets.UTF_8))) {
                send(peer, GREETING);
                for (String each : List.of(replies)) {
                  if (lines.readLine() == null) {
                    return;
                  }
                  send(peer, each);
                }
              } catch (IOException e) {
                throw new AssertionError("the fake monitor failed", e);
              }
            });
  }

  private static void send(SocketChannel peer, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      peer.write(bytes);
    }
  }
}
