package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.Journals;
import io.faultline.tests.migration.MigrationHost;
import io.faultline.tests.tags.Nightly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A source is killed with SIGKILL, and resumed from its journal and memory file. */
class ResumedSourceTest {
  private static final String OPERATIONS = "3000000";

  @RegisterExtension private final Processes processes = new Processes();

  @Nightly
  @Test
  void noPageIsLostWhenTheSourceIsKilledAfterRunOnTheSimulatedKernel() throws Exception {
    noPageIsLostWhenTheSourceIsKilledAfterRun("kill-source=2", "continue", "postcopy", "simulated");
  }

  @ParameterizedTest
  @CsvSource({
    "kill-source=3, copy, postcopy, kernel",
    "'kill-source=2,cut=1,blackhole=1', continue, hybrid, kernel"
  })
  void noPageIsLostWhenTheSourceIsKilledAfterRun(
      String faults, String place, String mode, String engine) throws Exception {
    Result result =
        chaos(
            faults + ",seed=4",
            "--ram=96m",
            "--working-set=96m",
            "--place=" + place,
            "--mode=" + mode,
            "--engine=" + engine);
    result.assertVerified();
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void kvmGuestContinuesWhenItsSourceIsResumed() throws Exception {
    MigrationHost.assumeKvm();
    Result result = chaos("kill-source=2,seed=5", "--ram=64m", "--vm=kvm");
    result.assertVerified();
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"simulated", "kvm"})
  void pausedVmContinuesFromItsJournaledState(String vm) throws Exception {
    if (vm.equals("kvm")) {
      MigrationHost.assumeKvm();
    }
    Path json = processes.file("source.json");
    Path journals = Files.createDirectory(processes.file("journals"));
    try (MemoryFile memory = MemoryFile.named("paused");
        FakeDestination destination = FakeDestination.startSilent()) {
      Node source =
          processes.start(
              "source",
              "--to=127.0.0.1:" + destination.port(),
              "--vm=" + vm,
              "--ram=64m",
              "--ops=" + OPERATIONS,
              "--warm-up=0ms",
              "--journal=" + journals,
              memory.asBacking());
      assertThat(destination.gotDeviceState().get(60, TimeUnit.SECONDS)).isTrue();
      String id = JournalDirectory.awaitStage(journals, JournalStage.PAUSED).id();
      Node second = resume(journals, id);
      second.awaitFailure(1, Node.LIMIT);
      assertThat(second.err().getLast()).contains("another process is working on");
      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      Node resumed =
          processes.start("source", "--resume=" + id, "--journal=" + journals, "--json=" + json);
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err()).anyMatch(line -> line.contains("the VM continues here from"));
      assertThat(journals)
          .as("no journal: the VM runs, and its saved state is stale")
          .isEmptyDirectory();
    }
    Result result = Result.read(json);
    assertThat(result.text("vm_location")).isEqualTo("source");
    assertThat(result.isVerified()).isTrue();
  }

  @Test
  void resumeReportsThatTheVmDiedWithItsSource() throws Exception {
    Path journals = Files.createDirectory(processes.file("journals"));
    try (MemoryFile memory = MemoryFile.named("died")) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
      Node source = slowSource(dest.awaitPort(), journals, memory);
      String id = JournalDirectory.awaitStage(journals, JournalStage.RUNS_HERE).id();
      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      Node resumed = resume(journals, id);
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err().getLast())
          .contains("the VM ended with it", memory.path().toString(), id);
    }
  }

  @Test
  void vmContinuesAtTheSourceWhenTheJournalIsFull() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(processes.file("disk"), "16k");
        MemoryFile memory = MemoryFile.named("full")) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
      Node source = slowSource(dest.awaitPort(), disk.directory(), memory);
      ControlSocket control = ControlSocket.of(source, processes.defaultState());
      control.awaitStatus(_ -> true); // the source has rehearsed its writes of the journal
      JournalDirectory.awaitStage(disk.directory(), JournalStage.RUNS_HERE);
      disk.fill();
      control.release();
      source.awaitFailure(1, Node.LIMIT);
      assertThat(source.err())
          .anyMatch(
              line ->
                  line.contains(
                      "cannot be written: No space left on device; the VM continues here"));
      assertThat(new Journals(disk.directory()).list())
          .as("no journal: the VM ran, and must not be resumed")
          .isEmpty();
      dest.awaitFailure(1, Node.LIMIT);
    }
  }

  /** Starts a source whose precopy round does not end. */
  private Node slowSource(int port, Path journals, MemoryFile memory) throws IOException {
    return processes.start(
        "source",
        "--to=127.0.0.1:" + port,
        "--mode=hybrid",
        "--ram=32m",
        ControlSocket.HELD,
        "--quiet",
        "--journal=" + journals,
        memory.asBacking());
  }

  private Node resume(Path journals, String id) throws IOException {
    return processes.start("source", "--quiet", "--resume=" + id, "--journal=" + journals);
  }

  private Result chaos(String plan, String... more) throws IOException, InterruptedException {
    try (MemoryFile memory = MemoryFile.named("killed")) {
      List<String> options = List.of("--chaos=" + plan, "--heartbeat=1s", memory.asBacking());
      Result result = Demo.run(processes, options, more).result();
      assertThat(memory.present()).as("the demo removes its memory").isEmpty();
      return result;
    }
  }
}
