package io.faultline.restore.origin;

import static io.faultline.restore.image.PageFlags.LAZY;
import static io.faultline.restore.image.PageFlags.PRESENT;
import static io.faultline.restore.image.TestImages.word;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.faultline.proto.Transport;
import io.faultline.restore.image.ImageDirectory;
import io.faultline.restore.image.PagemapWriter;
import io.faultline.restore.image.TaskImage;
import io.faultline.restore.image.TestImages;
import io.faultline.restore.pageserver.CriuTls;
import io.faultline.restore.pageserver.CriuTlsFiles;
import io.faultline.restore.pageserver.PageServer;
import io.faultline.restore.pageserver.PageServerHeader;
import io.faultline.restore.pageserver.PageServerListener;
import io.faultline.restore.pageserver.PageServerOptions;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pages over TLS, from a page server to an origin. */
@Timeout(120)
class CriuTlsTest {
  private static final int PID = 7;
  private static final long AT = 0x7f00_0000_0000L;
  private static final int PAGES = 500;

  @TempDir Path directory;
  private final RecordingReceiver receiver = new RecordingReceiver();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private final Transport transport = new Transport();
  private final IoEventLoop loop = transport.newLoop("session");
  private TestAuthority authority;

  @SuppressWarnings("NullAway.Init") // set by each test that needs it
  private PageServer server;

  @SuppressWarnings("NullAway.Init") // set by each test that needs it
  private PageServerOrigin origin;

  @BeforeEach
  void writeFiles() throws Exception {
    authority = new TestAuthority(directory, "ca");
    TestImages.of(directory, PID).area(AT, PAGES).memory(PID);
    try (PagemapWriter writer = TestImages.of(directory, PID).pagemap(PID, 1)) {
      writer.add(AT, PAGES, LAZY | PRESENT);
      TestImages.append(writer, 2, PAGES);
    }
  }

  @AfterEach
  void closeLoops() {
    if (origin != null) {
      loop.submit(origin::abort).syncUninterruptibly();
    }
    if (server != null) {
      server.close();
    }
    transport.close();
  }

  private CriuTls tls(TestAuthority trusted, Path certificate, @Nullable Path crl, boolean name)
      throws IOException {
    return CriuTls.load(
        new CriuTlsFiles(trusted.file(), crl, certificate, TestAuthority.key(certificate)), name);
  }

  private void serve(CriuTls tls) throws IOException {
    PageServerListener listener =
        new PageServerListener() {
          @Override
          public void listening(InetSocketAddress address) {}

          @Override
          public void sessionFailed(String message) {
            problems.add(message);
          }

          @Override
          public void served(InetSocketAddress client, long pages) {}
        };
    server =
        PageServer.start(
            new PageServerOptions(true, directory, null, "127.0.0.1", 0, -1, tls, false, 30),
            transport,
            listener);
  }

  private void request(@Nullable CriuTls tls) throws IOException {
    TaskImage task = ImageDirectory.open(directory).task(PID);
    InetSocketAddress address = Objects.requireNonNull(server.address());
    assertThat(address).isNotNull();
    PageServerSettings settings =
        new PageServerSettings("127.0.0.1", address.getPort(), -1, tls, 5);
    origin = new PageServerOrigin(settings, PageServerHeader.WIDE, pid -> task, transport, loop);
    loop.submit(
            () -> {
              origin.start(receiver);
              origin.request(PID, AT, PAGES, true);
              origin.flush();
            })
        .syncUninterruptibly();
    await().until(() -> !receiver.lines().isEmpty());
  }

  @Test
  void pagesArriveOverTls() throws Exception {
    serve(tls(authority, authority.issue("server", "127.0.0.1"), null, true));
    request(tls(authority, authority.issue("client", "127.0.0.1"), null, true));
    await().until(() -> receiver.lines().size() == PAGES);
    assertThat(receiver.lines().getLast()).endsWith(Long.toHexString(word(2, PAGES - 1, 0)));
    loop.submit(origin::finish).syncUninterruptibly();
    await().until(() -> receiver.lines().contains("finished"));
    assertThat(problems).isEmpty();
  }

  @Test
  void serverOfAnotherCaIsRefused() throws Exception {
    TestAuthority other = new TestAuthority(directory, "other");
    serve(tls(authority, other.issue("server", "127.0.0.1"), null, true));
    request(tls(authority, authority.issue("client", "127.0.0.1"), null, true));
    assertThat(receiver.lines().getFirst())
        .contains(": TLS: the peer's certificate is not of the CA that this node trusts");
  }

  @Test
  void clientOfAnotherCaGetsNoPage() throws Exception {
    TestAuthority other = new TestAuthority(directory, "other");
    serve(tls(authority, authority.issue("server", "127.0.0.1"), null, true));
    request(tls(authority, other.issue("client", "127.0.0.1"), null, true));
    assertThat(receiver.lines().getFirst()).startsWith("failed ").contains("certificate");
    await().until(() -> !problems.isEmpty());
    assertThat(problems.getFirst()).contains("of the CA that this node trusts");
  }

  @Test
  void certificateForAnotherAddressIsRefused() throws Exception {
    serve(tls(authority, authority.issue("server", "127.0.0.9"), null, false));
    Path client = authority.issue("client", "127.0.0.9");
    request(tls(authority, client, null, true));
    assertThat(receiver.lines().getFirst())
        .contains(": TLS: the peer's certificate is for another host");
  }

  @Test
  void serverChecksTheClientsNameToo() throws Exception {
    serve(tls(authority, authority.issue("server", "127.0.0.1"), null, true));
    request(tls(authority, authority.issue("client", "127.0.0.9"), null, true));
    assertThat(receiver.lines().getFirst()).startsWith("failed ");
    await().until(() -> !problems.isEmpty());
    assertThat(problems.getFirst())
        .contains("TLS: the client's certificate (CN=client) is not for 127.0.0.1: ");
  }

  @Test
  void namesAreNotCheckedIfTheUserSaysSo() throws Exception {
    serve(tls(authority, authority.issue("server", "127.0.0.9"), null, false));
    request(tls(authority, authority.issue("client", "127.0.0.9"), null, false));
    await().until(() -> receiver.lines().size() == PAGES);
  }

  @Test
  void revokedCertificateIsRefused() throws Exception {
    Path client = authority.issue("client", "127.0.0.1");
    serve(tls(authority, authority.issue("server", "127.0.0.1"), null, true));
    request(tls(authority, client, authority.revokeLast(), true));
    assertThat(receiver.lines().getFirst()).startsWith("failed ").contains("evoked");
  }

  @Test
  void listThatRevokesOthersDoesNoHarm() throws Exception {
    Path server = authority.issue("server", "127.0.0.1");
    Path client = authority.issue("client", "127.0.0.1");
    Path revoked = authority.revokeLast();
    serve(tls(authority, server, null, true));
    request(tls(authority, client, revoked, true));
    await().until(() -> receiver.lines().size() == PAGES);
  }

  @Test
  void missingFileIsNamed() throws Exception {
    Path certificate = authority.issue("server", "127.0.0.1");
    Files.delete(TestAuthority.key(certificate));
    assertThatThrownBy(() -> tls(authority, certificate, null, true))
        .hasMessage("TLS: " + TestAuthority.key(certificate) + " is missing: see --tls-key");
  }

  @Test
  void fileThatIsNoKeyIsNamed() throws Exception {
    Path certificate = authority.issue("server", "127.0.0.1");
    Files.writeString(TestAuthority.key(certificate), "no key");
    assertThatThrownBy(() -> tls(authority, certificate, null, true))
        .hasMessageStartingWith(
            "TLS: " + certificate + " and " + TestAuthority.key(certificate) + " cannot be used (");
  }
}
