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

/** Beside a monitor that answers what the test tells it to. */
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
  void eventsBetweenACommandAndItsAnswerAreKept() throws Exception {
    String stop = "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 5}, \"event\": \"STOP\"}";
    answer(DONE, stop + "\n{\"return\": {\"status\": \"active\"}}");
    try (QmpConnection monitor = connect()) {
      assertThat(monitor.execute("query-migrate").path("status").asString()).isEqualTo("active");
      assertThat(monitor.await(event -> event.name().equals("STOP"), Duration.ZERO))
          .contains(new QmpEvent("STOP", 1_000_005, ""));
    }
  }

  @Test
  void refusalIsToldWithQemusWords() throws Exception {
    answer(DONE, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"not now\"}}");
    try (QmpConnection monitor = connect()) {
      assertThatIOException()
          .isThrownBy(() -> monitor.execute("migrate"))
          .withMessage("QEMU refuses migrate: not now");
    }
  }

  @Test
  void eventThatDoesNotComeIsNotWaitedForLonger() throws Exception {
    answer(DONE, DONE, DONE);
    try (QmpConnection monitor = connect()) {
      long start = System.nanoTime();
      assertThat(monitor.await(QmpEvent::endsMigration, Duration.ofMillis(50))).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(50), Duration.ofSeconds(20));
    }
  }

  @Test
  void endOfQemuEndsEveryWait() throws Exception {
    answer(DONE);
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

  /** Greets, answers each line that comes with the next of these, and closes behind the last. */
  private void answer(String... answers) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (SocketChannel peer = server.accept();
                  BufferedReader lines =
                      new BufferedReader(
                          new InputStreamReader(
                              Channels.newInputStream(peer), StandardCharsets.UTF_8))) {
                say(peer, GREETING);
                for (String each : List.of(answers)) {
                  if (lines.readLine() == null) {
                    return;
                  }
                  say(peer, each);
                }
              } catch (IOException e) {
                throw new AssertionError("the monitor of the test broke", e);
              }
            });
  }

  private static void say(SocketChannel peer, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      peer.write(bytes);
    }
  }
}
