package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.tests.dashboard.Dashboard;
import io.faultline.tests.dashboard.DashboardPage;
import io.faultline.tests.dashboard.TimeSpan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Draws docs/grafana-dashboard.png: the panels of docs/grafana-dashboard.json with what a real
 * Prometheus answers to their queries, after a migration that loses its connections once. Takes
 * about a minute.
 */
@EnabledIfEnvironmentVariable(
    named = "UPDATE_DOCS",
    matches = "1",
    disabledReason = "writes docs/grafana-dashboard.png with UPDATE_DOCS=1 in the environment")
class DashboardPictureTest {
  private static final Path PICTURE = Path.of("../docs/grafana-dashboard.png");
  private static final Duration BEFORE_OUTAGE = Duration.ofSeconds(5);
  private static final Duration OUTAGE = Duration.ofSeconds(4);
  private static final Duration AFTER_END = Duration.ofSeconds(4);
  private static final String COMPLETED =
      "faultline_migration_state{role=\"source\",state=\"completed\"} == 1";

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void drawsTheDashboardOfARealMigration(@TempDir Path scratch) throws Exception {
    PrometheusServer.require();
    Browser.require();
    int destMeters = Ports.free();
    int sourceMeters = Ports.free();
    Path directory = processes.file("prometheus");
    try (PrometheusServer server =
        PrometheusServer.start(directory, "1s", sourceMeters, destMeters)) {
      await().atMost(Node.LIMIT).until(() -> server.knows("vector(1)"));
      Node dest = dest(destMeters);
      try (OutageRelay relay = OutageRelay.to(dest.awaitPort())) {
        long from = Instant.now().getEpochSecond() - 1;
        source(relay, sourceMeters);
        Meters.at(destMeters).awaitAbove("faultline_faults_total", 0);
        Thread.sleep(BEFORE_OUTAGE);
        relay.takeDown();
        Thread.sleep(OUTAGE);
        relay.bringUp();
        await().atMost(Node.LIMIT).until(() -> server.knows(COMPLETED));
        Thread.sleep(AFTER_END);
        draw(server, new TimeSpan(from, Instant.now().getEpochSecond(), 1), scratch);
      }
    }
  }

  private static void draw(PrometheusServer server, TimeSpan span, Path scratch) throws Exception {
    Dashboard dashboard = Dashboard.read();
    String html = DashboardPage.of(dashboard, query -> server.range(query, span), span);
    assertThat(html).doesNotContain("No data");
    Path page = Files.writeString(scratch.resolve("dashboard.html"), html);
    int height = DashboardPage.height(dashboard);
    Browser.picture(page, DashboardPage.WIDTH, height, PICTURE, scratch);
    assertThat(PICTURE).isNotEmptyFile();
  }

  private Node dest(int meters) throws Exception {
    return processes.start(
        "dest",
        "--listen=127.0.0.1:0",
        "--metrics=127.0.0.1:" + meters,
        "--metrics-linger=1m",
        "--run-on=4s");
  }

  private void source(OutageRelay relay, int meters) throws Exception {
    processes.start(
        "source",
        "--to=127.0.0.1:" + relay.port(),
        "--ram=1g",
        "--mode=hybrid",
        "--bandwidth=32m",
        "--workload=uniform",
        "--working-set=1g",
        "--pace=6000",
        "--prefetch=off", // with it the VM would have all its pages within two scrapes
        "--rehearsal=1s",
        "--metrics=127.0.0.1:" + meters,
        "--metrics-linger=1m");
  }
}
