package io.faultline.qemu.qmp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.DescriptorListener;
import io.faultline.uffd.linux.process.ReceivedDescriptors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses a fake monitor with scripted replies. */
class QmpConnectionTest {
  private static final String GREETING =
      "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7},"
          + " \"package\": \"Debian\"}, \"capabilities\": []}}";
  private static final String DONE = "{\"return\": {}}";

  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path directory;
  private String greeting = GREETING;
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
      assertThatExceptionOfType(QmpException.class)
          .isThrownBy(() -> monitor.execute("migrate"))
          .withMessage("QEMU refuses migrate: not now")
          .returns("GenericError", QmpException::kind);
    }
  }

  @Test
  void greetingTellsTheVersion() throws Exception {
    reply(DONE);
    try (QmpConnection monitor = connect()) {
      assertThat(monitor.version()).hasToString("7.2.22 (Debian)");
      assertThat(monitor.version().isAtLeast(7, 2)).isTrue();
      assertThat(monitor.version().isAtLeast(7, 3)).isFalse();
      assertThat(monitor.version().isAtLeast(8, 0)).isFalse();
      assertThat(monitor.pid()).isEqualTo((int) ProcessHandle.current().pid());
    }
  }

  @Test
  void lateReplyToAnEarlierCommandIsNotThatToThisOne() throws Exception {
    reply(DONE, "{\"return\": {\"late\": 1}, \"id\": 1}\n{\"return\": {\"late\": 0}, \"id\": 2}");
    try (QmpConnection monitor = connect()) {
      assertThat(monitor.execute("query-status").path("late").asInt(-1)).isZero();
    }
  }

  @Test
  void forgottenEventIsNotAwaitedAgain() throws Exception {
    String stop = "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 5}, \"event\": \"STOP\"}";
    reply(DONE, DONE + "\n" + stop, DONE);
    try (QmpConnection monitor = connect()) {
      var _ = monitor.execute("stop");
      assertThat(monitor.await(event -> event.name().equals("STOP"), LONG)).isPresent();
      monitor.forgetEvents();
      assertThat(monitor.await(event -> event.name().equals("STOP"), Duration.ZERO)).isEmpty();
    }
  }

  @Test
  void monitorWithAnotherClientIsNamed() throws Exception {
    // Nobody accepts: the kernel connects all the same, as for a monitor that serves another
    // client.
    assertThatIOException()
        .isThrownBy(() -> QmpConnection.open(directory.resolve("qmp.sock"), Duration.ofMillis(50)))
        .withMessageContaining("another client may be connected");
  }

  @Test
  void socketThatDoesNotExistIsNamed() {
    Path missing = directory.resolve("missing.sock");
    assertThatIOException()
        .isThrownBy(() -> QmpConnection.open(missing))
        .withMessageStartingWith("cannot connect to the monitor " + missing);
  }

  @Test
  void peerThatIsNoMonitorIsNamed() throws Exception {
    greeting = "(qemu) ";
    reply(DONE);
    assertThatIOException()
        .isThrownBy(this::connect)
        .withMessageContaining("no JSON object, \"(qemu)\": is this QMP?");
  }

  @Test
  void descriptorTravelsWithItsCommand() throws Exception {
    Path socket = directory.resolve("fd.sock");
    try (DescriptorListener listener = DescriptorListener.listen(socket, 1);
        ReceivedDescriptors received = new ReceivedDescriptors()) {
      Thread.ofPlatform().daemon().start(() -> answerWithDescriptor(listener, received));
      try (QmpConnection monitor = QmpConnection.open(socket)) {
        monitor.sendDescriptor("memory", listener.fd());
      }
      assertThat(received.count()).isEqualTo(1);
    }
  }

  /** The first reply is no message, so that the connection stays open without one. */
  @Test
  void replyIsLookedForWithoutWaiting() throws Exception {
    reply(DONE, "", DONE, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"not now\"}}");
    try (QmpConnection monitor = connect()) {
      monitor.post("migrate-incoming");
      assertThat(monitor.hasReply("migrate-incoming")).isFalse();
      monitor.post("stop");
      Awaitility.await().atMost(LONG).until(() -> monitor.hasReply("stop"));
      monitor.post("cont");
      assertThatExceptionOfType(QmpException.class)
          .isThrownBy(() -> Awaitility.await().atMost(LONG).until(() -> monitor.hasReply("cont")))
          .withMessage("QEMU refuses cont: not now");
    }
  }

  /** Answers a capability negotiation and one command. */
  private static void answerWithDescriptor(
      DescriptorListener listener, ReceivedDescriptors received) {
    DescriptorConnection peer = null;
    while (peer == null) {
      peer = listener.accept();
    }
    send(peer, GREETING);
    receive(peer, received);
    send(peer, DONE);
    receive(peer, received);
    send(peer, DONE);
  }

  private static void receive(DescriptorConnection peer, ReceivedDescriptors received) {
    try (Arena arena = Arena.ofConfined()) {
      int count = 0;
      while (count == 0) {
        count = peer.receive(arena.allocate(4096).address(), 4096, received);
      }
    }
  }

  private static void send(DescriptorConnection peer, String text) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
      int sent = peer.send(arena.allocateFrom(JAVA_BYTE, bytes).address(), bytes.length);
      assertThat(sent).isEqualTo(bytes.length);
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

  /** The second reply is no message, so that the connection stays open without one. */
  @Test
  void limitHoldsForAllWaitsTogetherUntilItEnds() throws Exception {
    reply(DONE, "", "{\"return\": {}, \"id\": 3}", DONE);
    try (QmpConnection monitor = connect()) {
      monitor.limitWaits(Duration.ofMillis(100));
      long begin = System.nanoTime();
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> monitor.execute("query-status"))
          .withMessageContaining("did not reply to query-status");
      assertThat(monitor.await(event -> true, LONG)).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(LONG.dividedBy(2));
      monitor.endLimit();
      assertThat(monitor.execute("query-status")).isEmpty();
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
                send(peer, greeting);
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
