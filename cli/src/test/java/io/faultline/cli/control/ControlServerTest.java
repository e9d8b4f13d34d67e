package io.faultline.cli.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.cli.status.ControlClient;
import io.faultline.proto.control.ControlMessages;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.proto.wire.control.Cancel;
import io.faultline.proto.wire.control.ControlRequest;
import io.faultline.proto.wire.control.ControlResponse;
import io.faultline.proto.wire.control.Query;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ControlServerTest {
  private static final ControlRequest CANCEL =
      ControlRequest.newBuilder().setCancel(Cancel.getDefaultInstance()).build();
  private static final ControlRequest WATCH =
      ControlRequest.newBuilder().setQuery(Query.newBuilder().setWaitMillis(10)).build();

  @TempDir private Path directory = Path.of("");
  private final FakeNode node = new FakeNode();

  @Test
  void requestsAreAnsweredOneAfterTheOtherByASocketOfTheOwnerOnly() throws Exception {
    Path path = directory.resolve("1.control");
    try (ControlServer _ = ControlServer.open(path, node, 60_000);
        ControlClient client = new ControlClient(path)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-------");
      assertThat(client.ask(CANCEL).getMessage()).isEqualTo("CANCEL");
      assertThat(client.ask(WATCH).getMessage()).isEqualTo("QUERY");
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void garbageAndOverlongMessagesEndTheConnectionAndNothingElse() throws Exception {
    Path path = directory.resolve("1.control");
    try (ControlServer _ = ControlServer.open(path, node, 60_000)) {
      assertThat(answers(path, new byte[] {0, 0, 0, 2, -1, -1})).isFalse();
      assertThat(answers(path, new byte[] {127, 0, 0, 0})).isFalse();
      try (ControlClient client = new ControlClient(path)) {
        assertThat(client.ask(CANCEL).getDone()).isTrue();
      }
    }
  }

  @Test
  void silentClientIsDisconnected() throws Exception {
    Path path = directory.resolve("1.control");
    try (ControlServer _ = ControlServer.open(path, node, 50)) {
      assertThat(answers(path, new byte[] {0})).isFalse();
    }
  }

  @Test
  void clientBeyondTheMaximumIsRefusedWithTheReason() throws Exception {
    Path path = directory.resolve("1.control");
    List<ControlClient> clients = new ArrayList<>();
    try (ControlServer _ = ControlServer.open(path, node, 60_000)) {
      for (int i = 0; i < ControlServer.MAX_CLIENTS; i++) {
        ControlClient client = new ControlClient(path);
        clients.add(client);
        assertThat(client.ask(CANCEL).getDone()).isTrue();
      }
      try (SocketChannel more = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        ControlResponse response =
            ControlMessages.read(Channels.newInputStream(more), ControlResponse.parser());
        assertThat(Objects.requireNonNull(response).getMessage()).contains("16 clients already");
      }
    } finally {
      for (ControlClient each : clients) {
        each.close();
      }
    }
  }

  @Test
  void clientThatWatchesGetsTheFinalStatusAlthoughTheNodeCloses() throws Exception {
    Path path = directory.resolve("1.control");
    try (ControlServer server = ControlServer.open(path, node, 60_000);
        ControlClient client = new ControlClient(path)) {
      assertThat(client.ask(WATCH).getDone()).isTrue();
      node.ended = true;
      Thread closing = Thread.ofPlatform().start(server::close);
      assertThat(client.ask(WATCH).getStatusJson()).isEqualTo("final");
      closing.join();
    }
  }

  @Test
  void commandThatEndsTheNodeIsAnswered() throws Exception {
    Path path = directory.resolve("1.control");
    AtomicReference<ControlServer> closing = new AtomicReference<>();
    ControlledNode ending =
        new ControlledNode() {
          @Override
          public ControlResponse handle(ControlRequest request) throws InterruptedException {
            Thread.ofPlatform().start(() -> Objects.requireNonNull(closing.get()).close());
            Thread.sleep(50);
            return node.handle(request);
          }

          @Override
          public boolean hasEnded() {
            return true;
          }
        };
    try (ControlServer server = ControlServer.open(path, ending, 60_000);
        ControlClient client = new ControlClient(path)) {
      closing.set(server);
      assertThat(client.ask(CANCEL).getMessage()).isEqualTo("CANCEL");
    }
  }

  @Test
  void socketsOfKilledNodesAreRemovedAndThoseOfOthersAreNot() throws Exception {
    Path stale = directory.resolve("2.control");
    ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    killed.bind(UnixDomainSocketAddress.of(stale));
    killed.close();
    Path other = directory.resolve("3.control");
    try (ControlServer _ = ControlServer.open(other, node, 60_000);
        ControlServer _ = ControlServer.open(directory.resolve("1.control"), node, 60_000)) {
      assertThat(stale).doesNotExist();
      assertThat(other).exists();
    }
  }

  @Test
  void pathThatIsTooLongIsAnErrorOfTheOpening() {
    Path path = directory.resolve("x".repeat(120) + ".control");
    assertThatThrownBy(() -> ControlServer.open(path, node, 60_000))
        .isInstanceOf(IOException.class);
  }

  @Test
  void onlyTheOwnerAndRootMayConnect() throws Exception {
    Path file = Files.createFile(directory.resolve("owned"));
    PeerCheck check = new PeerCheck(file);
    assertThat(check.allows(Files.getOwner(file))).isTrue();
    assertThat(check.allows(user("root"))).isTrue();
    assertThat(check.allows(user("daemon"))).isFalse();
  }

  private UserPrincipal user(String name) throws IOException {
    return directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name);
  }

  /** Sends bytes; returns whether the server answers rather than closing the connection. */
  private static boolean answers(Path path, byte[] bytes) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      int sent = channel.write(ByteBuffer.wrap(bytes));
      assertThat(sent).isEqualTo(bytes.length);
      return channel.read(ByteBuffer.allocate(1)) >= 0;
    }
  }

  /** Answers with the name of the command. */
  private static final class FakeNode implements ControlledNode {
    private volatile boolean ended;

    @Override
    public ControlResponse handle(ControlRequest request) {
      return Outcomes.response(ControlOutcome.done(request.getCommandCase().toString())).toBuilder()
          .setStatusJson(ended ? "final" : "")
          .build();
    }

    @Override
    public boolean hasEnded() {
      return ended;
    }
  }
}
