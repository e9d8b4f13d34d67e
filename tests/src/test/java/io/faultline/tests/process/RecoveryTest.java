package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.migration.MigrationHost;
import io.faultline.tests.tags.Nightly;
import io.faultline.tests.tags.RunsAlone;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The network fails after the handover, and the migration completes nevertheless. */
class RecoveryTest {
  private static final long MIB = 1 << 20;

  @RegisterExtension private final Processes processes = new Processes();

  @Nightly
  @ParameterizedTest
  @CsvSource({"shmem, copy, kernel", "anonymous, copy, simulated", "shmem, continue, simulated"})
  void otherMemoryArrivesDespiteConnectionCuts(String backing, String place, String engine)
      throws Exception {
    memoryArrivesDespiteConnectionCuts(backing, place, engine);
  }

  @ParameterizedTest
  @CsvSource({"anonymous, copy, kernel", "shmem, continue, kernel"})
  void memoryArrivesDespiteConnectionCuts(String backing, String place, String engine)
      throws Exception {
    Result result =
        chaos(
            "cut=4,seed=11",
            "--ram=64m",
            "--backing=" + backing,
            "--place=" + place,
            "--engine=" + engine);
    result.assertMigrated(64 * MIB, 2);
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"copy", "continue"})
  void precopiedMemorySurvivesCuts(String place) throws Exception {
    Result result =
        chaos("cut=2,seed=3", "--ram=128m", "--backing=shmem", "--mode=hybrid", "--place=" + place);
    result.assertMigrated(128 * MIB, 2);
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(2);
    assertThat(result.number("pages.current")).isPositive();
  }

  @RunsAlone
  @Test
  void precopiedHugePagesPlacedByContinueSurviveCuts() throws Exception {
    HugePages.assumeAvailable(2 * 128 / 2);
    Result result =
        chaos(
            "cut=2,seed=5",
            "--ram=128m",
            "--backing=hugetlb-2m",
            "--mode=hybrid",
            "--place=continue");
    result.assertMigrated(128 * MIB, 2);
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void silentNetworkIsDetectedByTheHeartbeat() throws Exception {
    Result result = chaos("blackhole=1,cut=1,seed=2", "--ram=64m", "--heartbeat=1s");
    result.assertMigrated(64 * MIB, 2);
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(2);
    assertThat(result.decimal("paused_ms.source")).isPositive();
  }

  @Test
  void kvmGuestContinuesAfterWaitingForAPage() throws Exception {
    MigrationHost.assumeKvm();
    Result result = chaos("cut=3,seed=4", "--ram=64m", "--vm=kvm");
    result.assertMigrated(2);
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(3);
  }

  @Test
  void lostRunIsSentAgain() throws Exception {
    Path sourceJson = processes.file("source.json");
    Path destJson = processes.file("dest.json");
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet", "--json=" + destJson);
    try (RunLosingRelay relay = RunLosingRelay.to(dest.awaitPort())) {
      Node source =
          processes.start(
              "source",
              "--to=127.0.0.1:" + relay.port(),
              "--ram=64m",
              "--quiet",
              "--json=" + sourceJson);
      relay.lost().get(60, TimeUnit.SECONDS);
      source.awaitSuccess();
      dest.awaitSuccess();
    }
    assertThat(Result.read(sourceJson).number("recoveries")).isPositive();
    assertThat(Result.read(destJson).number("recoveries")).isPositive();
    Result.read(destJson).assertVerified();
  }

  @Test
  void sourceReconnectsToTheOtherAddress() throws Exception {
    Path sourceJson = processes.file("source.json");
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    int port = dest.awaitPort();
    try (RunLosingRelay relay = RunLosingRelay.onceTo(port)) {
      Node source =
          processes.start(
              "source",
              "--to=127.0.0.1:" + relay.port() + ",127.0.0.1:" + port,
              "--ram=64m",
              "--quiet",
              "--json=" + sourceJson);
      source.awaitSuccess();
      dest.awaitSuccess();
    }
    assertThat(Result.read(sourceJson).number("recoveries")).isEqualTo(1);
  }

  @RunsAlone
  @Test
  void hugePagesPlacedByCopySurviveCuts() throws Exception {
    HugePages.assumeAvailable(2 * 128 / 2);
    Result result = chaos("cut=3,seed=6", "--ram=128m", "--backing=hugetlb-2m");
    result.assertMigrated(128 * MIB, 2);
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(3);
  }

  @Test
  void destinationStoppedForLongerThanTheHeartbeatContinues() throws Exception {
    Path sourceJson = processes.file("source.json");
    Path destJson = processes.file("dest.json");
    int meters = Ports.free();
    Node dest =
        processes.start(
            "dest", "--listen=127.0.0.1:0", "--quiet", "--heartbeat=500ms", "--json=" + destJson);
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--metrics=127.0.0.1:" + meters,
            "--ram=64m",
            ControlSocket.HELD,
            "--heartbeat=500ms",
            "--quiet",
            "--json=" + sourceJson);
    Meters.at(meters).awaitAbove("faultline_pages_background_total", 0);
    dest.freeze();
    Thread.sleep(Duration.ofSeconds(2));
    dest.thaw();
    ControlSocket.of(source, processes.defaultState()).release();
    source.awaitSuccess();
    dest.awaitSuccess();
    assertThat(Result.read(sourceJson).number("recoveries")).isPositive();
    Result.read(destJson).assertVerified();
  }

  @Test
  void demoFailsWhenTheMigrationEndsBeforeItsFaults() throws Exception {
    Node demo =
        processes.start("demo", "--ram=64m", "--mode=precopy", "--working-set=4m", "--chaos=cut=1");
    demo.awaitFailure(1, Node.LIMIT);
    assertThat(demo.err().getLast()).contains("ended after 0 of 1 faults");
  }

  private Result chaos(String plan, String... more) throws IOException, InterruptedException {
    return Demo.run(processes, List.of("--chaos=" + plan, "--vcpus=2"), more).result();
  }
}
