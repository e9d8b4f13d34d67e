package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.tests.migration.MigrationHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One end is killed: the other says so, and ends or goes on as it must. */
class KilledPeerTest {
  private static final Duration SECONDS = Duration.ofSeconds(15);
  private static final int SIGTERM_EXIT = 128 + 15;
  private static final String OPERATIONS = "3000000";

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void destinationWaitsForAKilledSourceAsLongAsItWasTold() throws Exception {
    int meters = Ports.free();
    Node dest =
        processes.start("dest", "--listen=127.0.0.1:0", "--rehearsal=0ms", "--give-up-after=2s");
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--metrics=127.0.0.1:" + meters,
            "--ram=128m",
            "--bandwidth=16m",
            "--workload=uniform",
            "--quiet");
    Meters atSource = Meters.at(meters);
    await()
        .atMost(Node.LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> atSource.value("faultline_pages_background_total") > 0);
    source.kill();
    dest.awaitError("paused: connection lost");
    Thread.sleep(Duration.ofSeconds(1));
    assertThat(dest.isAlive()).as("it waits").isTrue();
    dest.awaitFailure(1, SECONDS);
    assertThat(dest.err().getLast())
        .startsWith("faultline: ")
        .contains("did not come back", "connection to the source was lost", "pages are missing");
  }

  @Test
  void sourceSaysHowItStandsWhenItGivesAKilledDestinationUp() throws Exception {
    int meters = Ports.free();
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--metrics=127.0.0.1:" + meters,
            "--ram=128m",
            "--bandwidth=16m",
            "--workload=uniform",
            "--quiet",
            "--give-up-after=2s");
    Meters atSource = Meters.at(meters);
    await()
        .atMost(Node.LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> atSource.value("faultline_pages_background_total") > 0);
    dest.kill();
    source.awaitFailure(1, SECONDS);
    assertThat(source.err().getLast())
        .contains(
            "gave up: no connection for",
            "pages were never sent",
            "RUN was sent: the destination owns the VM");
  }

  @Test
  void sourceThatIsToldToEndCancelsAndSaysWhoseTheVmIs() throws Exception {
    int meters = Ports.free();
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--metrics=127.0.0.1:" + meters,
            "--mode=hybrid",
            "--ram=64m",
            "--bandwidth=1m",
            "--quiet");
    Meters atSource = Meters.at(meters);
    await()
        .atMost(Node.LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> atSource.value("faultline_pages_precopy_total") > 0);
    source.interrupt();
    source.awaitFailure(SIGTERM_EXIT, SECONDS);
    assertThat(source.err())
        .singleElement()
        .asString()
        .contains("cancelled", "the source still owned the VM");
    dest.awaitFailure(1, SECONDS);
    assertThat(dest.err()).singleElement().asString().contains("cancelled at the source");
  }

  @ParameterizedTest
  @ValueSource(strings = {"simulated", "kvm"})
  void vmGoesOnAtTheSourceWhenTheDestinationIsKilledBeforeItAnswers(String vm) throws Exception {
    assumeRuns(vm);
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    int port = dest.awaitPort();
    dest.freeze();
    Node source =
        processes.start(
            "source", "--vm=" + vm, "--to=127.0.0.1:" + port, "--ram=64m", "--warm-up=0ms");
    Thread.sleep(Duration.ofSeconds(3)); // it connects: the kernel takes connections for the frozen
    dest.kill();
    source.awaitFailure(1, Node.LIMIT);
    assertThat(source.err()).anyMatch(line -> line.contains("the VM continues here"));
    assertThat(source.err())
        .anyMatch(line -> line.matches(".* done [1-9][0-9,]* operations since"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"simulated", "kvm"})
  void vmFinishesAtTheSourceWhenTheDestinationIsLostDuringSwitchover(String vm) throws Exception {
    assumeRuns(vm);
    Path json = processes.file("source.json");
    try (FakeDestination destination = FakeDestination.start()) {
      Node source =
          processes.start(
              "source",
              "--vm=" + vm,
              "--to=127.0.0.1:" + destination.port(),
              "--ram=64m",
              "--ops=" + OPERATIONS,
              "--warm-up=0ms",
              "--json=" + json);
      assertThat(destination.gotDeviceState().get(60, TimeUnit.SECONDS)).isTrue();
      source.awaitFailure(1, Node.LIMIT);
      assertThat(source.err()).anyMatch(line -> line.contains("the VM continues here"));
    }
    Result result = Result.read(json);
    assertThat(result.text("status")).isEqualTo("failed");
    assertThat(result.text("error")).contains("connection to the destination was lost");
    assertThat(result.text("vm_location")).isEqualTo("source");
    assertThat(result.isVerified()).isTrue();
  }

  private static void assumeRuns(String vm) {
    if (vm.equals("kvm")) {
      MigrationHost.assumeKvm();
    }
  }
}
