package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.faultline.proto.Hellos;
import io.faultline.proto.security.SharedKey;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.PageRequest;
import io.faultline.proto.wire.Proof;
import io.faultline.proto.wire.Role;
import io.faultline.proto.wire.Run;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Invalid data before a hello is accepted costs the peer its connection, and affects no other peer:
 * the destination's own source is accepted afterwards.
 */
class MisbehavingHelloTest {
  private static final ByteString ID = ByteString.copyFrom(new byte[Hellos.MIGRATION_ID_BYTES]);
  private static final int HALF_OPEN = 64;
  private static final int MOST_BYTES = 200;

  @RegisterExtension private final Processes processes = new Processes();

  /** An invalid first frame, and how the destination reports it. */
  private record InvalidFrame(String error, Frame frame) {}

  private static List<InvalidFrame> invalidFrames() {
    return List.of(
        new InvalidFrame("magic 0x7", hello(hello().setMagic(7))),
        new InvalidFrame("version 3 of the wire", hello(hello().setVersion(3))),
        new InvalidFrame("version 4294967295", hello(hello().setVersion(-1))),
        new InvalidFrame("role 77", hello(hello().setRoleValue(77))),
        new InvalidFrame("role 0", hello(hello().setRole(Role.ROLE_UNSPECIFIED))),
        new InvalidFrame(
            "id of 3 bytes", hello(hello().setMigrationId(ByteString.copyFromUtf8("abc")))),
        new InvalidFrame("id of 0 bytes", hello(hello().clearMigrationId())),
        new InvalidFrame("both sides are destinations", hello(hello().setAnswer(true))),
        new InvalidFrame("attempt 0", hello(hello().setAttempt(0))),
        new InvalidFrame(
            "attempt 2 of a migration that this destination does not know",
            hello(hello().setAttempt(2))),
        new InvalidFrame("attempt 4294967295", hello(hello().setAttempt(-1))),
        new InvalidFrame("0 bulk connections; it must be 1 to 16", hello(hello().setChannels(0))),
        new InvalidFrame("1000 bulk connections", hello(hello().setChannels(1000))),
        new InvalidFrame("4294967295 bulk connections", hello(hello().setChannels(-1))),
        new InvalidFrame("number 1; the last is number 0", hello(hello().setChannel(1))),
        new InvalidFrame(
            "number 4; the last is number 3",
            hello(hello().setRole(Role.ROLE_BULK).setChannels(4).setChannel(4))),
        new InvalidFrame("silence of 4294967295", hello(hello().setSilenceMillis(-1))),
        new InvalidFrame(
            "secret of 5 bytes", hello(hello().setNonce(ByteString.copyFromUtf8("abcde")))),
        new InvalidFrame("secret of 33 bytes", hello(hello().setSessionKey(zeros(33)))),
        new InvalidFrame("a token, and this destination has none", hello(hello().setToken(true))),
        new InvalidFrame("65 characters", hello(hello().addCapabilities("c".repeat(65)))),
        new InvalidFrame("65 capabilities", many()),
        new InvalidFrame("header of 50", hello(hello().setNonce(zeros(5000)))),
        new InvalidFrame("not under way", hello(hello().setRole(Role.ROLE_BULK))),
        new InvalidFrame(
            "a PROOF frame instead of a hello", Frame.newBuilder().setProof(proof()).build()),
        new InvalidFrame(
            "a RUN frame instead of a hello",
            Frame.newBuilder().setRun(Run.getDefaultInstance()).build()),
        new InvalidFrame("unexpected page request", request()),
        new InvalidFrame(
            "an unexpected run of pages", FakeSource.run(0, 0, 1, Encoding.ENCODING_RAW, 4096)),
        new InvalidFrame("damaged in transit", Frame.newBuilder().setChecksum(1).build()));
  }

  @Test
  void invalidFirstFrameCostsOnlyItsConnection() throws Exception {
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    int port = dest.awaitPort();
    int reported = 0;
    for (InvalidFrame invalid : invalidFrames()) {
      try (Socket socket = Ports.connect(port)) {
        invalid.frame.writeDelimitedTo(socket.getOutputStream());
        Frame answer = Frame.parseDelimitedFrom(socket.getInputStream());
        assertThat(answer).as(invalid.error).isNotNull();
        assertThat(FakeSource.failure(answer)).contains(invalid.error);
        assertThat(socket.getInputStream().read()).as("closed").isNegative();
      }
      int lines = ++reported;
      await().atMost(Node.LIMIT).until(() -> dest.err().size() >= lines);
      assertThat(dest.err().getLast()).contains("refused", invalid.error);
    }
    assertAccepts(dest, port);
    assertThat(dest.err()).hasSize(reported);
  }

  @Test
  void migrationCannotBeTakenOverWithoutItsKey() throws Exception {
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    try (FakeSource source = FakeSource.connect(dest.awaitPort(), 1)) {
      source.receive();
      SharedKey[] keys = {null, SharedKey.random()};
      for (SharedKey wrong : keys) {
        source.useKey(wrong);
        for (Frame answer :
            new Frame[] {source.openControlAgain(2), source.openBulk(source.id())}) {
          assertThat(answer).isNotNull();
          assertThat(answer != null && (answer.hasChallenge() || isRefusedIdentity(answer)))
              .as("%s", answer)
              .isTrue();
        }
      }
      dest.awaitError("did not prove that it is the one that began this migration");
      assertThat(dest.isAlive()).isTrue();
    }
  }

  @Test
  void connectionsWithoutAHelloAreLimitedInNumberAndTime() throws Exception {
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    int port = dest.awaitPort();
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < HALF_OPEN - 1; i++) {
      silent.add(Ports.connect(port));
    }
    try (Socket trickling = Ports.connect(port);
        Socket oneTooMany = Ports.connect(port)) {
      assertThat(oneTooMany.getInputStream().read()).as("closed immediately").isNegative();
      dest.awaitError("64 connections have not sent a hello yet");
      trickle(trickling);
    }
    for (Socket each : silent) {
      each.getInputStream().readAllBytes();
      each.close();
    }
    assertAccepts(dest, port);
    assertThat(dest.err()).filteredOn(line -> line.contains("no hello within 5 s")).hasSize(64);
  }

  /**
   * Sends a byte every half second until the destination refuses the connection: 5 s after it
   * began, not after the last byte. Far more bytes than that, for a busy machine.
   */
  private static void trickle(Socket socket) throws Exception {
    OutputStream out = socket.getOutputStream();
    out.write(100);
    try {
      int sent = 0;
      while (socket.getInputStream().available() == 0) {
        assertThat(++sent).as("bytes that were accepted").isLessThan(MOST_BYTES);
        Thread.sleep(500);
        out.write(0);
      }
      assertThat(FakeSource.failure(Frame.parseDelimitedFrom(socket.getInputStream())))
          .contains("no hello within 5 s");
    } catch (IOException e) {
      assertThat(e).as("closed while it was written to").hasMessageContaining("");
    }
  }

  private void assertAccepts(Node dest, int port) throws Exception {
    Node source =
        processes.start("source", "--to=127.0.0.1:" + port, "--ram=16m", "--rehearsal=0ms");
    source.awaitSuccess();
    dest.awaitSuccess();
    dest.assertNoStackTrace();
  }

  private static boolean isRefusedIdentity(Frame answer) {
    return FakeSource.failure(answer).contains("did not prove that it is the one");
  }

  private static Hello.Builder hello() {
    return Hellos.hello(Role.ROLE_CONTROL, ID).getHello().toBuilder();
  }

  private static Frame hello(Hello.Builder hello) {
    return Frame.newBuilder().setHello(hello).build();
  }

  private static Frame many() {
    Hello.Builder hello = hello();
    for (int i = 0; i < 65; i++) {
      hello.addCapabilities("c");
    }
    return hello(hello);
  }

  private static Proof proof() {
    return Proof.newBuilder().setHmac(zeros(32)).build();
  }

  private static Frame request() {
    return Frame.newBuilder().setRequest(PageRequest.newBuilder().setPage(1)).build();
  }

  private static ByteString zeros(int bytes) {
    return ByteString.copyFrom(new byte[bytes]);
  }
}
