package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.LinkSpeed;
import io.faultline.cli.bench.criu.SourceHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code lazy-pages --on-failure hold} that gets SIGKILL while pages of a frozen process are on
 * their way, more than once: others continue, and nobody sees a zero.
 */
class HeldDaemonTest {
  private static final int MEBIBYTES = 16;

  /** 16 MiB take four seconds. */
  private static final LinkSpeed LINK = new LinkSpeed(Duration.ofMillis(5), 4_000_000);

  private static final long BETWEEN_KILLS_MILLIS = 300;
  private static final int KILLS = 3;

  @RegisterExtension private static final Labs LABS = new Labs();

  /** Starts a daemon with options for its origin. */
  private interface Start {
    HostCommand daemon(String... more) throws Exception;
  }

  /** The dump accepts one connection only, so the same one is continued with. */
  @Test
  void othersContinueTheConnectionToTheDump() throws Exception {
    FrozenServer server = FrozenServer.create(LABS, MEBIBYTES);
    int port = server.lab().source().pageServerPort(LINK);
    killed(server, more -> server.destination().startDaemon(LABS.ownDaemon(), port, more));
  }

  @Test
  void othersContinueWithThePageSource() throws Exception {
    FrozenServer server = FrozenServer.create(LABS, MEBIBYTES);
    HostCommand source = server.lab().source().startPageSource(LABS.ownDaemon());
    int port = server.lab().source().relay(LINK, SourceHost.PAGE_SOURCE_PORT).port();
    killed(server, more -> server.destination().startDaemonFrom(LABS.ownDaemon(), port, more));
    source.awaitSuccess(Labs.LIMIT);
  }

  private static void killed(FrozenServer server, Start start) throws Exception {
    HostCommand daemon = start.daemon("--on-failure", "hold");
    server.destination().restore();
    try (LineClient client = server.client()) {
      assertThat(client.ask("RAND 20 1", Labs.LIMIT)).startsWith("OK");
      client.send("CHECK");
      for (int i = 0; i < KILLS; i++) {
        Thread.sleep(BETWEEN_KILLS_MILLIS);
        daemon.kill();
        assertThat(daemon.await(Labs.LIMIT)).as("killed before its end").isNotZero();
        server.assertFrozen();
        daemon = start.daemon("--take-over", "--json", "r.json", "--report", "r.html");
      }
      assertThat(client.answer("CHECK", Labs.LIMIT)).isEqualTo("OK pages=" + MEBIBYTES * 256);
      daemon.awaitSuccess(Labs.LIMIT);
    }
    Path work = server.destination().work();
    assertThat(work.resolve("lazy-pages.state")).doesNotExist();
    assertReported(work);
    server.assertMoved();
  }

  /** The last daemon has resolved faults of the process that waited. */
  private static void assertReported(Path work) throws IOException {
    JsonNode result = JsonMapper.shared().readTree(Files.readString(work.resolve("r.json")));
    assertThat(result.path("status").asString()).isEqualTo("completed");
    assertThat(result.path("pages_per_second").asLong()).isPositive();
    JsonNode latency = result.path("fault_latency_us");
    assertThat(latency.path("p50").asDouble()).isPositive();
    assertThat(latency.path("max").asDouble()).isGreaterThan(latency.path("p50").asDouble());
    assertThat(Files.readString(work.resolve("r.html")))
        .contains("data-mark='latencies'", "data-mark='throughput'", "data-phase='postcopy'");
  }

  /** The page source lets its processes continue after the lease: they must not run twice. */
  @Test
  void processesDoNotWaitLongerThanTheirSource() throws Exception {
    FrozenServer server = FrozenServer.create(LABS, MEBIBYTES);
    HostCommand source =
        server.lab().source().startPageSource(LABS.ownDaemon(), "--insecure", "--lease", "9s");
    HostCommand daemon =
        server
            .destination()
            .startDaemonFrom(
                LABS.ownDaemon(),
                SourceHost.PAGE_SOURCE_PORT,
                "--on-failure",
                "hold",
                "--no-background");
    server.destination().restore();
    daemon.kill();
    assertThat(daemon.await(Labs.LIMIT)).isNotZero();
    Awaitility.await()
        .atMost(Labs.LIMIT)
        .until(() -> server.destination().state().isEmpty() || !source.isRunning());
    assertThat(source.isRunning()).as("the source still waits").isTrue();
    assertThat(source.await(Labs.LIMIT)).as("exit code of the page source").isEqualTo(1);
    server.assertRolledBack();
  }

  /** Nobody can continue without the dump: the processes that wait are ended. */
  @Test
  void processesDoNotWaitForADumpThatHasEnded() throws Exception {
    FrozenServer server = FrozenServer.create(LABS, MEBIBYTES);
    int port = server.lab().source().pageServerPort(LINK);
    HostCommand daemon =
        server.destination().startDaemon(LABS.ownDaemon(), port, "--on-failure", "hold");
    server.destination().restore();
    daemon.kill();
    assertThat(daemon.await(Labs.LIMIT)).isNotZero();
    assertThat(server.destination().state()).isNotEqualTo(Optional.empty());
    server.dump().kill();
    assertThat(server.dump().await(Labs.LIMIT)).isNotZero();
    HostCommand next = server.destination().startDaemon(LABS.ownDaemon(), port, "--take-over");
    assertThat(next.await(Labs.LIMIT)).as("exit code of the one that took over").isEqualTo(1);
    assertThat(server.destination().state()).as("the restored process").isEmpty();
  }
}
