package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.faultline.tests.dashboard.Dashboard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The meters of both nodes: as docs/metrics.md lists them, and as a real Prometheus sees them. */
class PrometheusTest {
  private static final Pattern METER = Pattern.compile("faultline_\\w+");
  private static final String COMPLETED = "faultline_migration_state{state=\"completed\"";

  /** For the dashboard, which shows a limit. */
  private static final long FAST = 1 << 30;

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void finalMetersAreThoseOfThePageAndSigtermEndsServingThem() throws Exception {
    int destMeters = Ports.free();
    int sourceMeters = Ports.free();
    Node dest = dest(destMeters, "1m");
    Node source = source(dest, sourceMeters, "1m");
    source.awaitError("serving the final metrics");
    dest.awaitError("serving the final metrics");
    Meters atSource = Meters.at(sourceMeters);
    Meters atDest = Meters.at(destMeters);
    assertThat(MetersPage.served(atSource.read())).isEqualTo(MetersPage.of("source"));
    assertThat(MetersPage.served(atDest.read())).isEqualTo(MetersPage.of("destination"));
    assertThat(atSource.value("faultline_migration_state", "state=\"completed\"")).isEqualTo(1);
    assertThat(atSource.value("faultline_downtime_seconds")).isPositive();
    assertThat(downtimeParts(atSource))
        .isCloseTo(atSource.value("faultline_downtime_seconds"), within(1e-6));
    assertThat(atDest.value("faultline_guest_pause_seconds")).isPositive();
    assertThat(atDest.value("faultline_fault_latency_seconds_bucket", "le=\"+Inf\""))
        .isEqualTo(atDest.value("faultline_fault_latency_seconds_count"))
        .isPositive();
    source.interrupt();
    dest.interrupt();
    source.awaitSuccess();
    dest.awaitSuccess();
  }

  @Test
  void prometheusSeesTheMigrationWhileItRunsAndItsFinalValues() throws Exception {
    PrometheusServer.require();
    int destMeters = Ports.free();
    int sourceMeters = Ports.free();
    Path directory = processes.file("prometheus");
    try (PrometheusServer server =
        PrometheusServer.start(directory, "200ms", sourceMeters, destMeters)) {
      await().atMost(Node.LIMIT).until(() -> server.knows("vector(1)"));
      Node dest = dest(destMeters, "1m");
      Node source = source(dest, sourceMeters, "1m", ControlSocket.HELD);
      awaitKnown(server, "faultline_migration_state{role=\"source\",state=\"postcopy\"} == 1");
      awaitKnown(server, "faultline_downtime_seconds > 0");
      awaitKnown(server, "faultline_fault_latency_seconds_bucket > 0");
      assertThat(server.query(COMPLETED + ",role=\"source\"} == 1")).isEmpty();
      ControlSocket.of(source, processes.defaultState()).setBandwidth(FAST);
      awaitKnown(server, COMPLETED + ",role=\"source\"} == 1");
      awaitKnown(server, COMPLETED + ",role=\"destination\"} == 1");
      awaitKnown(server, "faultline_guest_pause_seconds > 0");
      for (String query : Dashboard.read().queries()) {
        awaitKnown(server, query);
      }
      PrometheusServer.check(Meters.at(sourceMeters).read(), processes.file("source.prom"));
      PrometheusServer.check(Meters.at(destMeters).read(), processes.file("dest.prom"));
      source.awaitError("serving the final metrics");
    }
  }

  @Test
  void dashboardsAskOnlyForMetersOfThePage() throws Exception {
    Set<String> ofMigrations =
        Set.of("source", "destination").stream()
            .flatMap(PrometheusTest::names)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(asked(Dashboard.read())).hasSizeGreaterThan(10).isSubsetOf(ofMigrations);
    assertThat(asked(Dashboard.ofPagers()))
        .hasSizeGreaterThan(10)
        .isSubsetOf(names("pager").toList());
  }

  private static Set<String> asked(Dashboard dashboard) {
    return dashboard.queries().stream()
        .flatMap(query -> METER.matcher(query).results().map(found -> found.group()))
        .map(name -> name.replaceFirst("_bucket$", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static double downtimeParts(Meters meters) throws InterruptedException {
    return Pattern.compile("(?m)^faultline_downtime_part_seconds\\{[^}]*} (\\S+)$")
        .matcher(meters.read())
        .results()
        .mapToDouble(part -> Double.parseDouble(part.group(1)))
        .sum();
  }

  private static Stream<String> names(String role) {
    try {
      return MetersPage.of(role).stream().map(each -> each.substring(0, each.indexOf(' ')));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitKnown(PrometheusServer server, String query) {
    await(query)
        .atMost(Node.LIMIT)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> server.knows(query));
  }

  private Node dest(int meters, String linger) throws Exception {
    return processes.start(
        "dest",
        "--listen=127.0.0.1:0",
        "--metrics=127.0.0.1:" + meters,
        "--metrics-linger=" + linger);
  }

  private Node source(Node dest, int meters, String linger, String... more) throws Exception {
    return processes.start(
        List.of(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--ram=64m",
            "--mode=hybrid",
            "--switch-after=500ms",
            "--metrics=127.0.0.1:" + meters,
            "--metrics-linger=" + linger),
        more);
  }
}
