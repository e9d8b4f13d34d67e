package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.migration.MigrationHost;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One node is killed: the other reports it, and ends or continues as it must. */
class KilledPeerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int SIGTERM_EXIT = 128 + 15;
  private static final String OPERATIONS = "3000000";

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void destinationGivesUpAKilledSourceAfterTheConfiguredTime() throws Exception {
    Node dest =
        processes.start("dest", "--listen=127.0.0.1:0", "--rehearsal=0ms", "--give-up-after=2s");
    Node source = sourceInPostcopy(dest);
    long killed = System.nanoTime();
    source.kill();
    dest.awaitError("paused: connection lost");
    dest.awaitFailure(1, LIMIT);
    assertThat(Duration.ofNanos(System.nanoTime() - killed)).isGreaterThan(Duration.ofSeconds(2));
    assertThat(dest.err().getLast())
        .startsWith("faultline: ")
        .contains("did not come back", "connection to the source was lost", "pages are missing");
  }

  @Test
  void sourceReportsUnsentPagesAndTheOwnerWhenItGivesUp() throws Exception {
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    Node source = sourceInPostcopy(dest, "--give-up-after=2s");
    dest.kill();
    source.awaitFailure(1, LIMIT);
    assertThat(source.err().getLast())
        .contains(
            "gave up: no connection for",
            "pages were never sent",
            "RUN was sent: the destination owns the VM");
  }

  @Test
  void sigtermCancelsTheMigrationAndReportsWhichSideOwnsTheVm() throws Exception {
    int meters = Ports.free();
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--metrics=127.0.0.1:" + meters,
            "--mode=hybrid",
            "--ram=64m",
            ControlSocket.HELD,
            "--quiet");
    Meters.at(meters).awaitAbove("faultline_pages_precopy_total", 0);
    source.interrupt();
    source.awaitFailure(SIGTERM_EXIT, LIMIT);
    assertThat(source.err())
        .singleElement()
        .asString()
        .contains("cancelled", "the source still owned the VM");
    dest.awaitFailure(1, LIMIT);
    assertThat(dest.err()).singleElement().asString().contains("cancelled at the source");
  }

  @ParameterizedTest
  @ValueSource(strings = {"simulated", "kvm"})
  void vmContinuesAtTheSourceWhenTheDestinationIsKilledBeforeItReplies(String vm) throws Exception {
    assumeCanRun(vm);
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
    int port = dest.awaitPort();
    dest.freeze();
    Node source =
        processes.start(
            "source", "--vm=" + vm, "--to=127.0.0.1:" + port, "--ram=64m", "--warm-up=0ms");
    Ports.awaitConnected(port); // the kernel accepts connections for a frozen process
    dest.kill();
    source.awaitFailure(1, Node.LIMIT);
    assertThat(source.err()).anyMatch(line -> line.contains("the VM continues here"));
    assertThat(source.err())
        .anyMatch(line -> line.matches(".* done [1-9][0-9,]* operations since"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"simulated", "kvm"})
  void vmFinishesAtTheSourceWhenTheDestinationIsLostDuringSwitchover(String vm) throws Exception {
    assumeCanRun(vm);
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

  /** Starts a source, and waits until it has sent pages in the background. */
  private Node sourceInPostcopy(Node dest, String... more) throws IOException {
    int meters = Ports.free();
    Node source =
        processes.start(
            List.of(
                "source",
                "--to=127.0.0.1:" + dest.awaitPort(),
                "--metrics=127.0.0.1:" + meters,
                "--ram=128m",
                ControlSocket.HELD,
                "--pace=2000", // or requests alone could bring all pages
                "--workload=uniform",
                "--quiet"),
            more);
    Meters.at(meters).awaitAbove("faultline_pages_background_total", 0);
    return source;
  }

  private static void assumeCanRun(String vm) {
    if (vm.equals("kvm")) {
      MigrationHost.assumeKvm();
    }
  }
}
