package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.LinkRelay;
import io.faultline.cli.bench.criu.LinkSpeed;
import io.faultline.cli.bench.criu.SourceHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code page-server --source} beside a stock {@code criu dump --lazy-pages}, with {@code
 * lazy-pages --from}.
 */
class PageSourceTest {
  private static final int MIB = 16;
  private static final int CUTS = 5;

  /** 16 MiB take four seconds. */
  private static final LinkSpeed SLOW = new LinkSpeed(Duration.ofMillis(5), 4_000_000);

  @RegisterExtension private static final Labs LABS = new Labs();

  @TempDir private Path directory;

  @Test
  void processSurvivesFiveCutsOfTheNetwork() throws Exception {
    FrozenServer server = FrozenServer.create(LABS, MIB);
    SourceHost host = server.lab().source();
    HostCommand source = host.startPageSource(LABS.ownDaemon());
    LinkRelay network = host.relay(SLOW, SourceHost.PAGE_SOURCE_PORT);
    HostCommand daemon = server.destination().startDaemonFrom(LABS.ownDaemon(), network.port());
    server.destination().restore();
    try (LineClient client = server.client()) {
      for (int cut = 1; cut <= CUTS; cut++) {
        client.send(cut == 1 ? "FORK" : "RAND 50 " + cut);
        network.cut();
        assertThat(client.answer("after cut " + cut, Labs.LIMIT)).startsWith("OK");
        if (cut < CUTS) {
          server.assertFrozen();
        }
      }
    }
    daemon.awaitSuccess(Labs.LIMIT);
    source.awaitSuccess(Labs.LIMIT);
    server.assertMoved();
  }

  /** It has the token again, so that the destination finds the same source. */
  @Test
  void pageSourceThatIsKilledIsStartedAgain() throws Exception {
    String[] token = {"--token-file", token().toString()};
    FrozenServer server = FrozenServer.create(LABS, MIB);
    SourceHost host = server.lab().source();
    HostCommand first = host.startPageSource(LABS.ownDaemon(), token);
    LinkRelay network = host.relay(SLOW, SourceHost.PAGE_SOURCE_PORT);
    String from = server.destination().sourceAddress() + ":" + network.port();
    HostCommand daemon =
        server.destination().startLocalDaemon(LABS.ownDaemon(), "--from", from, token[0], token[1]);
    server.destination().restore();
    try (LineClient client = server.client()) {
      assertThat(client.ask("RAND 20 1", Labs.LIMIT)).startsWith("OK");
      first.kill();
      first.await(Labs.LIMIT);
      server.assertFrozen();
      client.send("CHECK");
      HostCommand second = host.startPageSource(LABS.ownDaemon(), token);
      assertThat(client.answer("CHECK", Labs.LIMIT)).isEqualTo("OK pages=" + MIB * 256);
      daemon.awaitSuccess(Labs.LIMIT);
      second.awaitSuccess(Labs.LIMIT);
    }
    server.assertMoved();
  }

  /** It says so to the source: nobody waits for the end of the lease. */
  @Test
  void restoreThatIsCancelledLetsTheProcessContinue() throws Exception {
    FrozenServer server = FrozenServer.create(LABS, MIB);
    SourceHost host = server.lab().source();
    HostCommand source = host.startPageSource(LABS.ownDaemon());
    HostCommand daemon =
        server
            .destination()
            .startDaemonFrom(LABS.ownDaemon(), SourceHost.PAGE_SOURCE_PORT, "--no-background");
    server.destination().restore();
    daemon.signal("TERM");
    assertThat(daemon.await(Labs.LIMIT)).as("exit code of lazy-pages").isEqualTo(143);
    assertThat(source.await(Labs.LIMIT)).as("exit code of the page source").isEqualTo(1);
    server.assertRolledBack();
  }

  private Path token() throws Exception {
    return Files.writeString(directory.resolve("token"), "0123456789abcdef".repeat(4) + "\n");
  }
}
