package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.cli.keys.CertificateAuthority.Use;
import io.faultline.proto.Hellos;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Peers with wrong certificates or tokens are refused, and both sides report why. The VM continues
 * at the source, and the destination keeps waiting for its own source.
 */
class SecurityTest {
  private static final String HOST = "127.0.0.1";
  private static final String TOKEN = "a token that both sides have";

  @RegisterExtension private final Processes processes = new Processes();

  private final TestCa ca = new TestCa("test CA");
  private final TestCa otherCa = new TestCa("another CA");
  private final TestCa namesakeCa = new TestCa("test CA");

  @Test
  void tlsDestinationAcceptsOnlySourcesOfItsCa() throws Exception {
    Path own = ca.valid(processes.file("dest"), Use.DESTINATION, HOST);
    Node dest = dest("--tls=" + own);
    int port = dest.awaitPort();
    Path foreign = otherCa.valid(processes.file("foreign"), Use.SOURCE);
    Files.copy( // the source trusts the destination, but not the other way round
        own.resolve("ca.pem"), foreign.resolve("ca.pem"), StandardCopyOption.REPLACE_EXISTING);
    refused(port, "refused this node's certificate", "--tls=" + foreign);
    dest.awaitError("of the CA that this node trusts");
    refused(port, "this destination accepts only TLS");
    dest.awaitError("the peer does not speak TLS");
    Path wrongUse = ca.valid(processes.file("wrong"), Use.DESTINATION);
    refused(port, "refused this node's certificate", "--tls=" + wrongUse);
    dest.awaitError("certificate is not for this side of a migration");
    assertThat(greetWithExpiredCertificate(port)).contains("fatal alert: certificate_");
    dest.awaitError("certificate has expired");
    takeIn(dest, port, "--tls=" + ca.valid(processes.file("source"), Use.SOURCE));
    assertThat(dest.err()).hasSize(4).allMatch(line -> line.contains("refused"));
  }

  @Test
  void tlsSourceAcceptsOnlyDestinationsOfItsCa() throws Exception {
    String tls = "--tls=" + ca.valid(processes.file("source"), Use.SOURCE);
    for (TestCa foreignCa : List.of(otherCa, namesakeCa)) {
      Path directory =
          foreignCa.valid(processes.file("of" + foreignCa.hashCode()), Use.DESTINATION, HOST);
      Node foreign = dest("--tls=" + directory);
      refused(foreign.awaitPort(), "of the CA that this node trusts", tls);
      foreign.awaitError("refused this node's certificate");
    }
    Node elsewhere =
        dest("--tls=" + ca.valid(processes.file("e"), Use.DESTINATION, "elsewhere.invalid"));
    refused(elsewhere.awaitPort(), "for another host", tls);
    elsewhere.awaitError("refused this node's certificate");
    Node plain = dest();
    refused(plain.awaitPort(), "does not speak TLS", tls);
    plain.awaitError("the peer speaks TLS");
    try (SSLServerSocket expired =
        (SSLServerSocket)
            ca.expired(Use.DESTINATION, HOST)
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serveOnce(expired));
      refused(expired.getLocalPort(), "certificate has expired", tls);
    }
  }

  @Test
  void nodeWithAnExpiredCertificateDoesNotStart() throws Exception {
    Path own = ca.expired(processes.file("own"), Use.DESTINATION, HOST);
    Node dest = dest("--tls=" + own);
    dest.awaitFailure(2, Node.LIMIT);
    assertThat(dest.err()).singleElement().asString().contains("cert.pem expired on ");
  }

  @Test
  void tokenDestinationAcceptsOnlySourcesWithTheSameToken() throws Exception {
    Node dest = dest("--token-file=" + token(TOKEN));
    int port = dest.awaitPort();
    refused(port, "it asks for a token, and this source has none");
    dest.awaitError("the source has no token");
    String other = "--token-file=" + token("another token of some length");
    refused(port, "the source's token does not match this destination's", other);
    dest.awaitError("the source's token does not match");
    String tls = "--tls=" + ca.valid(processes.file("source"), Use.SOURCE);
    refused(port, "does not speak TLS", tls);
    dest.awaitError("the peer speaks TLS");
    takeIn(dest, port, "--token-file=" + token(TOKEN + "\n"));
    assertThat(dest.err()).hasSize(3).allMatch(line -> line.contains("refused"));
  }

  @Test
  void tokenSourceAcceptsOnlyDestinationsThatKnowTheToken() throws Exception {
    Node dest = dest();
    int port = dest.awaitPort();
    String token = "--token-file=" + token(TOKEN);
    refused(port, "this destination has none", token);
    dest.awaitError("this destination has none");
    try (ForeignServer server = ForeignServer.start(SecurityTest::answerWithoutProof)) {
      refused(server.port(), "does not prove that it knows the token", token);
    }
    takeIn(dest, port);
  }

  private Node dest(String... more) throws IOException {
    return processes.start(List.of("dest", "--listen=" + HOST + ":0", "--quiet"), more);
  }

  private Node source(int port, String... more) throws IOException {
    return processes.start(
        List.of("source", "--to=" + HOST + ":" + port, "--ram=16m", "--quiet", "--rehearsal=0ms"),
        more);
  }

  private void refused(int port, String why, String... more) throws Exception {
    Node source = source(port, more);
    source.awaitFailure(1, Node.LIMIT);
    assertThat(source.err())
        .singleElement()
        .asString()
        .startsWith("faultline: " + HOST + ":" + port)
        .contains(why)
        .contains("the VM continues here");
  }

  private void takeIn(Node dest, int port, String... more) throws Exception {
    source(port, more).awaitSuccess();
    dest.awaitSuccess();
    dest.assertNoStackTrace();
  }

  private Path token(String text) throws IOException {
    return Files.writeString(Files.createTempFile(processes.file(".").getParent(), "t", ""), text);
  }

  /** Returns the TLS alert that the destination sent. */
  private String greetWithExpiredCertificate(int port) throws Exception {
    try (SSLSocket socket =
        (SSLSocket)
            ca.expired(Use.SOURCE)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.startHandshake();
      socket.getOutputStream().write(new byte[] {1});
      assertThat(socket.getInputStream().read()).as("a first byte").isNegative();
      return "closed";
    } catch (SSLException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void serveOnce(SSLServerSocket listening) {
    try (SSLSocket peer = (SSLSocket) listening.accept()) {
      peer.startHandshake();
    } catch (IOException e) {
      assertThat(e).as("the alert of the source").isInstanceOf(SSLException.class);
    }
  }

  private static void answerWithoutProof(Socket source) throws IOException {
    Frame hello = Frame.parseDelimitedFrom(source.getInputStream());
    ByteString id = hello.getHello().getMigrationId();
    assertThat(hello.getHello().getRole()).isEqualTo(Role.ROLE_CONTROL);
    Frame answer = Hellos.answer(hello.getHello());
    assertThat(answer.getHello().getMigrationId()).isEqualTo(id);
    answer.writeDelimitedTo(source.getOutputStream());
    assertThat(source.getInputStream().read()).as("nothing more").isNegative();
  }
}
