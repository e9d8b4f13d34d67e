package io.faultline.restore.origin;

import static io.faultline.restore.image.PageFlags.LAZY;
import static io.faultline.restore.image.PageFlags.PRESENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.faultline.proto.Transport;
import io.faultline.proto.linux.Descriptors;
import io.faultline.restore.image.ImageDirectory;
import io.faultline.restore.image.PagemapWriter;
import io.faultline.restore.image.TaskImage;
import io.faultline.restore.image.TestImages;
import io.faultline.restore.pageserver.PageServerHeader;
import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class PageServerOriginTest {
  private static final int PID = 5000;
  private static final long AT = 0x7f00_0000_0000L;
  private static final long PAGE = 4096;
  private static final int PAGES = 1000;

  @TempDir Path directory;
  private final RecordingReceiver receiver = new RecordingReceiver();
  private final Transport transport = new Transport();
  private final IoEventLoop loop = transport.newLoop("session");
  private TaskImage task;

  @SuppressWarnings("NullAway.Init") // set by each test that needs it
  private PageServerOrigin origin;

  @BeforeEach
  void writeImages() throws IOException {
    TestImages.of(directory, PID).area(AT, 2000).memory(PID);
    try (PagemapWriter writer = TestImages.of(directory, PID).pagemap(PID, 1)) {
      writer.add(AT, PAGES, LAZY);
      writer.add(AT + PAGES * PAGE, 1, PRESENT);
      TestImages.append(writer, 1, 1);
    }
    task = ImageDirectory.open(directory).task(PID);
  }

  @AfterEach
  void closeLoops() {
    if (origin != null && !loop.isShuttingDown()) {
      onLoop(origin::abort);
    }
    transport.close();
  }

  private void connect(FakePageServer server, PageServerHeader header) {
    String host = server.address().getAddress().getHostAddress();
    connect(new PageServerSettings(host, server.address().getPort(), -1, null, 1), header);
  }

  private void connect(PageServerSettings settings, PageServerHeader header) {
    origin = new PageServerOrigin(settings, header, pid -> task, transport, loop);
    onLoop(() -> origin.start(receiver));
  }

  private void onLoop(Runnable step) {
    loop.submit(step).syncUninterruptibly();
  }

  private void request(int first, int pages) {
    onLoop(
        () -> {
          origin.request(PID, AT + first * PAGE, pages, true);
          origin.flush();
        });
  }

  private String failure() {
    await().until(() -> receiver.lines().stream().anyMatch(line -> line.startsWith("failed")));
    return receiver.lines().getLast();
  }

  private static String page(int page) {
    long address = AT + page * PAGE;
    return "page 5000 "
        + Long.toHexString(address)
        + " "
        + Long.toHexString(FakePageServer.word(address));
  }

  @ParameterizedTest
  @EnumSource
  void pipelinedRequestsAreAnsweredInOrder(PageServerHeader header) throws Exception {
    try (FakePageServer server = FakePageServer.start(header, FakePageServer::answerAll)) {
      connect(server, header);
      onLoop(
          () -> {
            for (int i = 0; i < 600; i++) {
              origin.request(PID, AT + i * PAGE, 1, true);
            }
            origin.request(PID, AT + 600 * PAGE, 400, false);
            origin.flush();
          });
      await().until(() -> receiver.lines().size() == PAGES);
      for (int i = 0; i < PAGES; i++) {
        assertThat(receiver.lines().get(i)).isEqualTo(page(i));
      }
    }
  }

  @Test
  void missingPagesOfAShortAnswerAreReported() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(
            PageServerHeader.WIDE,
            (to, command, pages, address, target) ->
                to.answerAll(command, Math.min(pages, 2), address, target))) {
      connect(server, PageServerHeader.WIDE);
      request(10, 5);
      request(0, 1);
      await().until(() -> receiver.lines().size() == 4);
      assertThat(receiver.lines())
          .containsExactly(
              page(10),
              page(11),
              "unanswered 5000 " + Long.toHexString(AT + 12 * PAGE) + " 3",
              page(0));
    }
  }

  @Test
  void finishClosesTheSessionAndThenTheConnection() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(PageServerHeader.WIDE, FakePageServer::answerAll)) {
      connect(server, PageServerHeader.WIDE);
      request(0, 1);
      await().until(() -> receiver.lines().size() == 1);
      onLoop(origin::finish);
      assertThat(server.end()).isEqualTo("end of stream");
      assertThat(server.log()).containsExactly("get", "command " + 0x1023, "end of stream");
      await().until(() -> receiver.lines().contains("finished"));
    }
  }

  /** No page was needed; but the source still has the process, which must not run twice. */
  @Test
  void finishBeforeTheServerIsConnectedStillClosesTheSession() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(PageServerHeader.WIDE, FakePageServer::answerAll)) {
      InetSocketAddress address = server.address();
      PageServerSettings settings =
          new PageServerSettings(
              address.getAddress().getHostAddress(), address.getPort(), -1, null, 1);
      origin = new PageServerOrigin(settings, PageServerHeader.WIDE, pid -> task, transport, loop);
      onLoop(
          () -> {
            origin.start(receiver);
            origin.finish();
          });
      assertThat(server.end()).isEqualTo("end of stream");
      assertThat(server.log()).containsExactly("command " + 0x1023, "end of stream");
      await().until(() -> receiver.lines().equals(List.of("finished")));
    }
  }

  /** The user wants the source to end too: a dump ends its process at the end of the stream. */
  @Test
  void finishAfterAFailureEndsTheStream() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(
            PageServerHeader.WIDE,
            (to, command, pages, address, target) -> to.send(PageServerHeader.WIDE, 99, 1, 0, 0))) {
      connect(server, PageServerHeader.WIDE);
      request(0, 1);
      failure();
      onLoop(origin::finish);
      assertThat(server.end()).isEqualTo("end of stream");
      await().until(() -> receiver.lines().contains("finished"));
    }
  }

  /** The processes have all of their memory: they stay, whatever the server says. */
  @Test
  void errorAtTheEndIsAWarning() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(
            PageServerHeader.WIDE, (to, command, pages, address, target) -> to.sendInt(-5))) {
      connect(server, PageServerHeader.WIDE);
      await().until(() -> isOpen());
      onLoop(origin::finish);
      await().until(() -> receiver.lines().contains("finished"));
      assertThat(receiver.lines().getFirst())
          .isEqualTo("warning " + name(server) + ": reported error -5 at the end of the session");
    }
  }

  @Test
  void serverThatDoesNotConfirmTheEndIsAWarning() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(PageServerHeader.WIDE, (to, command, pages, address, target) -> {})) {
      connect(server, PageServerHeader.WIDE);
      await().until(() -> isOpen());
      onLoop(origin::finish);
      assertThat(server.end()).isEqualTo("end of stream");
      await().until(() -> receiver.lines().contains("finished"));
      assertThat(receiver.lines().getFirst())
          .startsWith("warning " + name(server) + ": sent nothing for 1 s while it had to confirm");
    }
  }

  private boolean isOpen() {
    return loop.submit(() -> origin.isOpen()).syncUninterruptibly().getNow();
  }

  @Test
  void abortResetsTheConnection() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(PageServerHeader.WIDE, FakePageServer::answerAll)) {
      connect(server, PageServerHeader.WIDE);
      request(0, 1);
      await().until(() -> receiver.lines().size() == 1);
      onLoop(origin::abort);
      assertThat(server.end()).isEqualTo("reset");
    }
  }

  /** As when the process dies. */
  @Test
  void connectionThatIsJustClosedIsReset() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(PageServerHeader.WIDE, FakePageServer::answerAll)) {
      connect(server, PageServerHeader.WIDE);
      request(0, 1);
      await().until(() -> receiver.lines().size() == 1);
      transport.close();
      assertThat(server.end()).isEqualTo("reset");
    }
  }

  /** The source must not run before the restored processes are gone. */
  @Test
  void connectionStaysAfterAFailureUntilAbort() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(
            PageServerHeader.WIDE,
            (to, command, pages, address, target) -> to.send(PageServerHeader.WIDE, 1, 1, 1, 1))) {
      connect(server, PageServerHeader.WIDE);
      request(0, 1);
      assertThat(failure()).isNotEmpty();
      Thread.sleep(200);
      assertThat(server.log()).containsExactly("get");
      onLoop(origin::abort);
      assertThat(server.end()).isEqualTo("reset");
    }
  }

  private String name(FakePageServer server) {
    return "page server 127.0.0.1:" + server.address().getPort();
  }

  private void lies(FakePageServer.Behaviour behaviour, String message) throws Exception {
    try (FakePageServer server = FakePageServer.start(PageServerHeader.WIDE, behaviour)) {
      connect(server, PageServerHeader.WIDE);
      request(3, 2);
      assertThat(failure()).startsWith("failed " + name(server) + ": " + message);
      assertThat(receiver.lines()).hasSize(1);
    }
  }

  @Test
  void otherAddressIsRefused() throws Exception {
    lies(
        (to, command, pages, address, pid) ->
            to.send(PageServerHeader.WIDE, 0x40006, 2, address + PAGE, pid),
        "answered a request of 2 pages at 0x7f0000003000 of process 5000 with command 6, flags 4, 2"
            + " pages at 0x7f0000004000 of process 5000: it is no page server of this dump");
  }

  @Test
  void otherProcessIsRefused() throws Exception {
    lies(
        (to, command, pages, address, pid) ->
            to.send(PageServerHeader.WIDE, 0x40006, 2, address, 5001),
        "answered a request of 2 pages");
  }

  @Test
  void tooManyPagesAreRefused() throws Exception {
    lies(
        (to, command, pages, address, pid) ->
            to.send(PageServerHeader.WIDE, 0x40006, 3, address, pid),
        "answered a request of 2 pages");
  }

  @Test
  void noPagesAreRefused() throws Exception {
    lies(
        (to, command, pages, address, pid) ->
            to.send(PageServerHeader.WIDE, 0x40006, 0, address, pid),
        "answered a request of 2 pages");
  }

  @Test
  void otherCommandIsRefused() throws Exception {
    lies(
        (to, command, pages, address, pid) ->
            to.send(PageServerHeader.WIDE, 0x40001, 2, address, pid),
        "answered a request of 2 pages");
  }

  @Test
  void answerWithoutContentsIsRefused() throws Exception {
    lies(
        (to, command, pages, address, pid) ->
            to.send(PageServerHeader.WIDE, 0x20006, 2, address, pid),
        "answered a request of 2 pages");
  }

  @Test
  void headerOfAnEarlierVersionIsNamed() throws Exception {
    lies(
        (to, command, pages, address, pid) -> {
          to.send(PageServerHeader.NARROW, 0x40006, 2, address, pid);
          to.sendPages(address, 2);
        },
        "answers with headers of 24 bytes, as CRIU up to 4.1.1 does, but the images are of the"
            + " other family: ");
  }

  @Test
  void bytesThatWereNotRequestedAreRefused() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(
            PageServerHeader.WIDE,
            (to, command, pages, address, target) -> {
              to.answerAll(command, pages, address, target);
              to.raw(new byte[7]);
            })) {
      connect(server, PageServerHeader.WIDE);
      request(3, 2);
      assertThat(failure())
          .isEqualTo("failed " + name(server) + ": sent 7 bytes that were not requested");
    }
  }

  @Test
  void silentServerIsGivenUp() throws Exception {
    lies(
        (to, command, pages, address, pid) -> {},
        "sent nothing for 1 s while 2 pages were requested");
  }

  @Test
  void serverThatEndsWithinAPageIsNamed() throws Exception {
    lies(
        (to, command, pages, address, pid) -> {
          to.send(PageServerHeader.WIDE, 0x40006, 2, address, pid);
          to.raw(new byte[100]);
          to.hangUp();
        },
        "closed the connection while ");
  }

  @Test
  void pageThatIsNotLazyIsNeverRequested() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(PageServerHeader.WIDE, FakePageServer::answerAll)) {
      connect(server, PageServerHeader.WIDE);
      assertThatThrownBy(() -> request(PAGES, 1))
          .hasMessageContaining("1 pages at 0x7f00003e8000 of process 5000: not of one extent");
      assertThatThrownBy(() -> request(PAGES - 1, 2)).hasMessageContaining("not of one extent");
    }
  }

  @Test
  void refusedConnectionIsNamed() throws Exception {
    int port;
    try (ServerSocket unused = new ServerSocket(0)) {
      port = unused.getLocalPort();
    }
    connect(PageServerSettings.of("127.0.0.1", port), PageServerHeader.WIDE);
    assertThat(failure())
        .startsWith(
            "failed page server 127.0.0.1:" + port + ": cannot connect (Connection refused");
  }

  @Test
  void unknownHostIsNamed() {
    connect(PageServerSettings.of("no-such-host.invalid", 9), PageServerHeader.WIDE);
    assertThat(failure())
        .isEqualTo(
            "failed page server no-such-host.invalid:9: unknown host \"no-such-host.invalid\":"
                + " check --address");
  }

  @Test
  void hostNameAndIpv6AreAddresses() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(InetAddress.ofLiteral("::1"), FakePageServer::answerAll)) {
      connect(PageServerSettings.of("[::1]", server.address().getPort()), PageServerHeader.WIDE);
      request(0, 1);
      await().until(() -> receiver.lines().equals(List.of(page(0))));
    }
  }

  @Test
  void connectedSocketIsAdopted() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(PageServerHeader.WIDE, FakePageServer::answerAll)) {
      Socket socket = connectedSocket(server);
      connect(
          new PageServerSettings("127.0.0.1", 0, socket.intValue(), null, 1),
          PageServerHeader.WIDE);
      request(0, 1);
      await().until(() -> receiver.lines().equals(List.of(page(0))));
      onLoop(origin::finish);
      await().until(() -> receiver.lines().contains("finished"));
      assertThat(server.log()).contains("command " + 0x1024);
    }
  }

  @Test
  void adoptedSocketIsResetThoughAnotherProcessHasIt() throws Exception {
    try (FakePageServer server =
        FakePageServer.start(PageServerHeader.WIDE, FakePageServer::answerAll)) {
      Socket socket = connectedSocket(server);
      FileDescriptor copy = Descriptors.duplicate(socket);
      assertThat(copy).isNotNull();
      connect(
          new PageServerSettings("127.0.0.1", 0, socket.intValue(), null, 1),
          PageServerHeader.WIDE);
      request(0, 1);
      await().until(() -> receiver.lines().size() == 1);
      onLoop(origin::abort);
      assertThat(server.end()).isEqualTo("reset");
      copy.close();
    }
  }

  private static Socket connectedSocket(FakePageServer server) throws IOException {
    Socket socket = Socket.newSocketStream();
    while (!socket.connect(server.address())) {
      if (socket.finishConnect()) {
        break;
      }
    }
    return socket;
  }

  @Test
  void descriptorThatIsNoSocketIsNamed() {
    connect(new PageServerSettings("127.0.0.1", 0, 99_999, null, 1), PageServerHeader.WIDE);
    assertThat(failure())
        .startsWith(
            "failed the page server at socket 99999: is not a connected TCP socket (descriptor"
                + " 99999 is not open): check --ps-socket");
  }
}
