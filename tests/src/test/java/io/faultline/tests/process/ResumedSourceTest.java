package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.JournalSummary;
import io.faultline.source.journal.Journals;
import io.faultline.tests.migration.MigrationHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A source is killed with SIGKILL, and what it left is taken up. */
class ResumedSourceTest {
  private static final String OPERATIONS = "3000000";

  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @CsvSource({
    "kill-source=3, copy, postcopy, kernel",
    "'kill-source=2,cut=1,blackhole=1', continue, hybrid, kernel",
    "kill-source=2, continue, postcopy, simulated"
  })
  void noPageIsLostWithASourceThatIsKilledBehindRun(
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
  void kvmGuestGoesOnWhenItsSourceIsTakenUp() throws Exception {
    MigrationHost.assumeKvm();
    Result result = chaos("kill-source=2,seed=5", "--ram=64m", "--vm=kvm");
    result.assertVerified();
    assertThat(result.number("recoveries")).isGreaterThanOrEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"simulated", "kvm"})
  void vmThatWasPausedGoesOnWhereItsStateWasKept(String vm) throws Exception {
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
      String id = awaitStanding(journals, JournalStage.PAUSED).id();
      Node second = resume(journals, id);
      second.awaitFailure(1, Node.LIMIT);
      assertThat(second.err().getLast()).contains("another process is working on");
      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      Node resumed =
          processes.start("source", "--resume=" + id, "--journal=" + journals, "--json=" + json);
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err()).anyMatch(line -> line.contains("the VM continues here from"));
      assertThat(journals).as("the VM runs on: its state is worth nothing").isEmptyDirectory();
    }
    Result result = Result.read(json);
    assertThat(result.text("vm_location")).isEqualTo("source");
    assertThat(result.isVerified()).isTrue();
  }

  @Test
  void vmThatDiedWithItsSourceIsSaidToHaveDied() throws Exception {
    Path journals = Files.createDirectory(processes.file("journals"));
    try (MemoryFile memory = MemoryFile.named("died")) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
      Node source = slowly(dest.awaitPort(), journals, memory);
      String id = awaitStanding(journals, JournalStage.RUNS_HERE).id();
      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      Node resumed = resume(journals, id);
      resumed.awaitFailure(1, Node.LIMIT);
      assertThat(resumed.err().getLast())
          .contains("the VM ended with it", memory.path().toString(), id);
    }
  }

  @Test
  void vmGoesOnWhereTheJournalHasNoRoom() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(processes.file("disk"), "16k");
        MemoryFile memory = MemoryFile.named("full")) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet");
      Node source = slowly(dest.awaitPort(), disk.directory(), memory);
      awaitStanding(disk.directory(), JournalStage.RUNS_HERE);
      disk.fill();
      source.awaitFailure(1, Node.LIMIT);
      assertThat(source.err())
          .anyMatch(
              line ->
                  line.contains(
                      "cannot be written: No space left on device; the VM continues here"));
      assertThat(new Journals(disk.directory()).list())
          .as("the VM ran on: nothing may be resumed")
          .isEmpty();
      dest.awaitFailure(1, Node.LIMIT);
    }
  }

  /** In a precopy round that takes some seconds. */
  private Node slowly(int port, Path journals, MemoryFile memory) throws IOException {
    return processes.start(
        "source",
        "--to=127.0.0.1:" + port,
        "--mode=hybrid",
        "--ram=32m",
        "--bandwidth=8m",
        "--quiet",
        "--journal=" + journals,
        memory.asBacking());
  }

  private Node resume(Path journals, String id) throws IOException {
    return processes.start("source", "--quiet", "--resume=" + id, "--journal=" + journals);
  }

  private static JournalSummary awaitStanding(Path journals, JournalStage stage) {
    return await()
        .atMost(Node.LIMIT)
        .until(
            () -> new Journals(journals).list(),
            list -> list.size() == 1 && list.getFirst().stage() == stage)
        .getFirst();
  }

  private Result chaos(String plan, String... more) throws IOException, InterruptedException {
    Path json = processes.file("result.json");
    try (MemoryFile memory = MemoryFile.named("killed")) {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "demo",
                  "--chaos=" + plan,
                  "--heartbeat=1s",
                  "--json=" + json,
                  memory.asBacking()));
      arguments.addAll(List.of(more));
      Node demo = processes.startWith(List.of(), arguments);
      demo.awaitSuccess();
      demo.assertNoStackTrace();
      assertThat(memory.present()).as("the demo removes its memory").isEmpty();
    }
    return Result.read(json);
  }
}
