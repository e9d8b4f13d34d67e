package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.faultline.proto.Hellos;
import io.faultline.proto.wire.Role;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A destination refuses unauthenticated peers, prints a line for each, and keeps waiting. */
class UnauthenticatedPeersTest {
  private static final byte[] HTTP =
      """
      GET /index.html HTTP/1.1\r
      Host: localhost\r
      User-Agent: a misdirected program\r
      Accept: */*\r
      \r
      """
          .getBytes(StandardCharsets.US_ASCII);

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void sourceIsAcceptedAfterUnauthenticatedPeers() throws Exception {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("-Dfaultline.seed=" + seed);
    Path json = processes.file("dest.json");
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet", "--json=" + json);
    int port = dest.awaitPort();
    int expected = 0;
    try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
      for (byte[] garbage :
          new byte[][] {randomBytes(seed), HTTP, halfAHello(), laterAttempt(), {}}) {
        send(port, garbage);
        expected++;
      }
      expected++;
      awaitLines(dest, expected);
      assertThat(silent.isClosed()).as("closed by the test").isFalse();
    }
    assertThat(dest.err()).anyMatch(line -> line.endsWith(": no hello within 5 s"));
    assertThat(dest.err())
        .anyMatch(line -> line.endsWith("2 of a migration that this destination does not know"));
    assertThat(dest.err()).allMatch(line -> line.startsWith("faultline: refused 127.0.0.1:"));
    Node source = processes.start("source", "--to=127.0.0.1:" + port, "--ram=64m", "--quiet");
    source.awaitSuccess();
    dest.awaitSuccess();
    assertThat(dest.err()).hasSize(expected);
    dest.assertNoStackTrace();
    Result.read(json).assertVerified();
  }

  private static void awaitLines(Node dest, int lines) {
    await().atMost(Node.LIMIT).until(() -> dest.err().size() >= lines);
  }

  private static byte[] randomBytes(long seed) {
    byte[] bytes = new byte[100_000];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] halfAHello() throws IOException {
    ByteArrayOutputStream hello = new ByteArrayOutputStream();
    ByteString id = ByteString.copyFrom(new byte[Hellos.MIGRATION_ID_BYTES]);
    Hellos.hello(Role.ROLE_CONTROL, id).writeDelimitedTo(hello);
    return Arrays.copyOf(hello.toByteArray(), hello.size() / 2);
  }

  /** The hello of a source that has committed: another destination owns, or owned, its VM. */
  private static byte[] laterAttempt() throws IOException {
    ByteArrayOutputStream hello = new ByteArrayOutputStream();
    ByteString id = ByteString.copyFrom(new byte[Hellos.MIGRATION_ID_BYTES]);
    Hellos.hello(Role.ROLE_CONTROL, id, Set.of(), 2, 0).writeDelimitedTo(hello);
    return hello.toByteArray();
  }

  /** Sends bytes and closes the connection. */
  private static void send(int port, byte[] bytes) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
    } catch (IOException e) {
      // The destination closed the connection before all bytes were sent, as it should.
      assertThat(bytes.length).isGreaterThan(1000);
    }
  }
}
