package io.faultline.restore.pageserver;

import static io.faultline.restore.image.PageFlags.LAZY;
import static io.faultline.restore.image.PageFlags.PARENT;
import static io.faultline.restore.image.PageFlags.PRESENT;
import static io.faultline.restore.image.TestImages.word;
import static io.faultline.restore.pageserver.PageServerCommand.CLOSE;
import static io.faultline.restore.pageserver.PageServerCommand.GET;
import static io.faultline.restore.pageserver.PageServerCommand.OPEN_ANSWERED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.faultline.proto.Transport;
import io.faultline.restore.image.PagemapWriter;
import io.faultline.restore.image.TestImages;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class ServingPageServerTest {
  /** Longer than sending takes that is not held up. */
  private static final long STILL_MILLIS = 100;

  private static final long AT = 0x7f00_0000_0000L;
  private static final long PAGE = 4096;
  private static final int PID = 5000;
  private static final int RUN = 600;

  @TempDir Path directory;
  private final Transport transport = new Transport();
  private final RecordingListener listener = new RecordingListener();

  @SuppressWarnings("NullAway.Init") // set by each test that needs it
  private PageServer server;

  @BeforeEach
  void writeImages() throws IOException {
    Path before = Files.createDirectory(directory.resolve("parent"));
    try (PagemapWriter writer = TestImages.of(before, PID).pagemap(PID, 1)) {
      writer.add(AT + 2 * PAGE, 4, PRESENT);
      TestImages.append(writer, 1, 4);
    }
    try (PagemapWriter writer = TestImages.of(directory, PID).pagemap(PID, 1)) {
      writer.add(AT, 2, PRESENT);
      TestImages.append(writer, 2, 2);
      writer.add(AT + 3 * PAGE, 2, PARENT);
      writer.add(AT + 10 * PAGE, RUN, LAZY | PRESENT);
      TestImages.append(writer, 3, RUN);
      writer.add(AT + 1000 * PAGE, 1, LAZY);
    }
  }

  private InetSocketAddress address() {
    return Objects.requireNonNull(server.address());
  }

  @AfterEach
  void closeLoops() {
    if (server != null) {
      server.close();
    }
    transport.close();
  }

  private void start(boolean once, int silenceSeconds) throws IOException {
    server =
        PageServer.start(
            new PageServerOptions(
                true, directory, null, "127.0.0.1", 0, -1, null, once, silenceSeconds),
            transport,
            listener);
  }

  @ParameterizedTest
  @EnumSource
  void pagesAreServedUpToTheEndOfTheirRun(PageServerHeader header) throws Exception {
    start(false, 60);
    try (TestClient client = new TestClient(address(), header)) {
      client.send(GET, 0, 1, AT + 11 * PAGE, PID);
      assertThat(client.readAnswer()).isEqualTo("6/4 1 at 7f000000b000 of 5000, 4096 bytes");
      assertThat(client.word(0)).isEqualTo(word(3, 1, 0));
      client.send(GET, 0, 1000, AT + 20 * PAGE, PID);
      assertThat(client.readAnswer())
          .isEqualTo("6/4 590 at 7f0000014000 of 5000, " + 590 * PAGE + " bytes");
      assertThat(client.word(589)).isEqualTo(word(3, RUN - 1, 0));
    }
  }

  @Test
  void pagesOfEarlierDumpsAndEagerPagesAreServed() throws Exception {
    start(false, 60);
    try (TestClient client = new TestClient(address(), PageServerHeader.WIDE)) {
      client.send(GET, 0, 9, AT + 3 * PAGE, PID).send(GET, 0, 1, AT + PAGE, PID);
      assertThat(client.readAnswer()).isEqualTo("6/4 2 at 7f0000003000 of 5000, 8192 bytes");
      assertThat(client.word(1)).isEqualTo(word(1, 2, 0));
      assertThat(client.readAnswer()).isEqualTo("6/4 1 at 7f0000001000 of 5000, 4096 bytes");
      assertThat(client.word(0)).isEqualTo(word(2, 1, 0));
    }
  }

  /** Much more than the socket and the queue of answers take. */
  @Test
  void manyRequestsAreAnsweredInOrderThoughTheClientReadsLate() throws Exception {
    start(false, 60);
    int requests = 5000;
    AtomicInteger sent = new AtomicInteger();
    try (TestClient client = new TestClient(address(), PageServerHeader.WIDE)) {
      Thread sender =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < requests; i++) {
                        client.send(GET, 0, 1 + i % 16, AT + (10 + i % 500) * PAGE, PID);
                        sent.incrementAndGet();
                      }
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      await().until(() -> isStill(sent)); // all are sent, or the server reads no more
      for (int i = 0; i < requests; i++) {
        client.readAnswer();
        assertThat(client.word(i % 16)).isEqualTo(word(3, i % 500 + i % 16, 0));
      }
      sender.join();
      client.send(CLOSE, 0, 0, 0, 0);
      assertThat(client.readInt()).isZero();
    }
  }

  @Test
  void manyClientsAreServedAtOnce() throws Exception {
    start(false, 60);
    List<TestClient> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(new TestClient(address(), PageServerHeader.WIDE));
    }
    for (TestClient client : clients) {
      client.send(GET, 0, RUN, AT + 10 * PAGE, PID);
    }
    for (TestClient client : clients) {
      assertThat(client.readAnswer()).startsWith("6/4 600 ");
      assertThat(client.word(RUN - 1)).isEqualTo(word(3, RUN - 1, 0));
      client.send(CLOSE, 0, 0, 0, 0);
      assertThat(client.readInt()).isZero();
      client.close();
    }
    await().until(() -> listener.lines().size() == 20);
    assertThat(listener.lines()).containsOnly("served 600");
    assertThat(server.done()).isNotDone();
  }

  @Test
  void serverForOneClientEndsWithIt() throws Exception {
    start(true, 60);
    try (TestClient client = new TestClient(address(), PageServerHeader.WIDE)) {
      client.send(GET, 0, 1, AT, PID);
      assertThat(client.readAnswer()).startsWith("6/4 1 ");
      client.send(CLOSE, 0, 0, 0, 0);
      assertThat(client.readInt()).isZero();
    }
    server.done().get(60, TimeUnit.SECONDS);
  }

  private void refuses(long pages, long address, long pid, String message) throws Exception {
    start(false, 60);
    try (TestClient good = new TestClient(address(), PageServerHeader.WIDE);
        TestClient bad = new TestClient(address(), PageServerHeader.WIDE)) {
      bad.send(GET, 0, pages, address, pid);
      assertThatThrownBy(bad::end).isInstanceOf(SocketException.class);
      await().until(() -> listener.lines().size() == 1);
      assertThat(listener.lines().getFirst()).contains(": " + message);
      good.send(GET, 0, 1, AT, PID);
      assertThat(good.readAnswer()).startsWith("6/4 1 ");
    }
  }

  @Test
  void unknownProcessEndsThatSessionOnly() throws Exception {
    refuses(1, AT, 77, "the client asks for pages of process 77, which " + directory + " does not");
  }

  @Test
  void addressWithoutPageEndsThatSessionOnly() throws Exception {
    refuses(
        1,
        AT + 7 * PAGE,
        PID,
        "the client asks for 1 pages at 0x7f0000007000 of process 5000, where the images have"
            + " none");
  }

  @Test
  void absurdCountEndsThatSessionOnly() throws Exception {
    refuses(0, AT, PID, "the client asks for 0 pages at 0x7f0000000000");
  }

  @Test
  void pageAtTheSourceCannotBeServed() throws Exception {
    refuses(
        1,
        AT + 1000 * PAGE,
        PID,
        "the contents of the page at 0x7f00003e8000 of process 5000 are not in the images: ");
  }

  @Test
  void dumpIsToldThatNothingIsReceived() throws Exception {
    start(true, 60);
    try (TestClient client = new TestClient(address(), PageServerHeader.WIDE)) {
      client.send(OPEN_ANSWERED, 0, 0, 0, PID << 8 | 1);
      assertThatThrownBy(() -> server.done().get(60, TimeUnit.SECONDS))
          .cause()
          .hasMessageContaining("this server has --lazy-pages and receives nothing");
    }
  }

  @Test
  void silentClientIsDisconnected() throws Exception {
    start(false, 1);
    try (TestClient client = new TestClient(address(), PageServerHeader.WIDE)) {
      assertThatThrownBy(client::end).isInstanceOf(SocketException.class);
      await().until(() -> listener.lines().size() == 1);
      assertThat(listener.lines().getFirst()).endsWith("the client sent no command for 1 s");
    }
  }

  @Test
  void clientThatDoesNotReadIsDisconnected() throws Exception {
    start(false, 1);
    try (TestClient client = new TestClient(address(), PageServerHeader.WIDE)) {
      for (int i = 0; i < 200; i++) {
        client.send(GET, 0, RUN, AT + 10 * PAGE, PID);
      }
      await().until(() -> listener.lines().size() == 1);
    }
  }

  private static boolean isStill(AtomicInteger sent) throws InterruptedException {
    int before = sent.get();
    Thread.sleep(STILL_MILLIS);
    return before > 0 && sent.get() == before;
  }

  /** Its process may touch its memory much later. */
  @Test
  void clientThatWaitsBetweenRequestsStays() throws Exception {
    start(false, 1);
    try (TestClient client = new TestClient(address(), PageServerHeader.WIDE)) {
      client.send(GET, 0, 1, AT, PID);
      assertThat(client.readAnswer()).startsWith("6/4 1 ");
      try (var _ = new TestClient(address(), PageServerHeader.WIDE)) {
        await().until(() -> listener.lines().size() == 1); // the limit has passed for both
      }
      client.send(GET, 0, 1, AT, PID);
      assertThat(client.readAnswer()).startsWith("6/4 1 ");
    }
  }

  @Test
  void clientThatLeavesEarlyIsReported() throws Exception {
    start(false, 60);
    try (TestClient client = new TestClient(address(), PageServerHeader.WIDE)) {
      client.send(GET, 0, 1, AT, PID);
      assertThat(client.readAnswer()).startsWith("6/4 1 ");
    }
    await().until(() -> listener.lines().size() == 1);
    assertThat(listener.lines().getFirst())
        .contains("closed the connection before it had asked for all pages, after 1 pages");
  }

  @Test
  void missingImagesAreNamedAtOnce() throws IOException {
    Files.delete(directory.resolve("inventory.img"));
    assertThatThrownBy(() -> start(false, 60))
        .hasMessageStartingWith(directory + "/inventory.img: is missing");
  }

  @Test
  void addressInUseIsNamed() throws IOException {
    start(false, 60);
    int port = address().getPort();
    assertThatThrownBy(
            () ->
                PageServer.start(
                    PageServerOptions.serve(directory, "127.0.0.1", port), transport, listener))
        .hasMessage(
            "cannot listen on 127.0.0.1:"
                + port
                + " (Address already in use): see --address and --port");
  }
}
