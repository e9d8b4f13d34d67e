package io.faultline.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.JournalSummary;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class RecoveryAdviceTest {
  private static final String ID = "00112233445566778899aabbccddeeff";
  private static final Path FILE = Path.of("/state/1.status");

  @ParameterizedTest
  @CsvSource({
    "RUNS_HERE, source",
    "PAUSED, source",
    "COMMITTED, destination",
    "LISTENING, nobody",
    "RECEIVING, source",
    "READY, undecided",
    "RUNNING, destination",
    "POISONED, destination",
    "STOPPED, nobody"
  })
  void livingNodeDeterminesTheOwner(OwnershipStep step, String owner) {
    assertThat(RecoveryAdvice.of(entry(living(step), null)).owner()).isEqualTo(owner);
  }

  @ParameterizedTest
  @CsvSource({
    "RUNS_HERE, nobody",
    "PAUSED, nobody",
    "COMMITTED, destination",
    "LISTENING, nobody",
    "RECEIVING, source",
    "READY, undecided",
    "RUNNING, nobody",
    "POISONED, nobody",
    "STOPPED, nobody"
  })
  void deadNodeDeterminesTheOwnerAndWhatToRemove(OwnershipStep step, String owner) {
    RecoveryAdvice advice = RecoveryAdvice.of(entry(dead(step), null));
    assertThat(advice.owner()).isEqualTo(owner);
    assertThat(advice.action()).contains("remove " + FILE);
  }

  @ParameterizedTest
  @CsvSource({"RECEIVING, source", "READY, undecided", "RUNNING, destination"})
  void vmThatOutlivesItsDestinationCanBeTakenOver(OwnershipStep step, String owner) {
    NodeStatusList.Entry entry =
        new NodeStatusList.Entry(dead(step), null, FILE, left(TakeOverStage.READY));
    assertThat(RecoveryAdvice.of(entry).owner()).isEqualTo(owner);
    assertThat(RecoveryAdvice.of(entry).action()).contains("faultline dest --take-over 0011");
  }

  /** It has ended by itself, and has removed its status. */
  @ParameterizedTest
  @CsvSource({
    "RECEIVING, source",
    "READY, undecided",
    "RUNNING, destination",
    "STARTED, destination",
    "COMPLETE, destination"
  })
  void vmOfADestinationThatBrokeCanBeTakenOver(TakeOverStage stage, String owner) {
    RecoveryAdvice advice =
        RecoveryAdvice.of(new NodeStatusList.Entry(null, null, FILE, left(stage)));
    assertThat(advice.owner()).isEqualTo(owner);
    assertThat(advice.action()).contains("faultline dest --take-over 0011");
  }

  private static LeftGuest left(TakeOverStage stage) {
    return new LeftGuest(ID, stage, "faultline dest --take-over 0011", FILE);
  }

  @ParameterizedTest
  @CsvSource({"PAUSED, source", "COMMITTED, destination"})
  void journalOfADeadSourceGivesTheCommandThatResumesIt(JournalStage stage, String owner) {
    RecoveryAdvice advice =
        RecoveryAdvice.of(entry(dead(OwnershipStep.RUNS_HERE), journal(stage, false)));
    assertThat(advice.owner()).as("the journal overrides the status").isEqualTo(owner);
    assertThat(advice.action()).contains("faultline source --resume " + ID + " --journal /state");
  }

  @Test
  void vmThatDiedBeforeItsPauseCannotBeResumed() {
    RecoveryAdvice advice =
        RecoveryAdvice.of(
            entry(dead(OwnershipStep.RUNS_HERE), journal(JournalStage.RUNS_HERE, false)));
    assertThat(advice.owner()).isEqualTo("nobody");
    assertThat(advice.action()).doesNotContain("--resume").contains("/dev/shm/vm");
  }

  @Test
  void vmInAProcessOfItsOwnSurvivesItsSource() {
    RecoveryAdvice advice =
        RecoveryAdvice.of(
            entry(dead(OwnershipStep.RUNS_HERE), journal(JournalStage.RUNS_HERE, false, true)));
    assertThat(advice.owner()).isEqualTo("source");
    assertThat(advice.action()).contains("--resume " + ID).doesNotContain("remove");
  }

  @ParameterizedTest
  @EnumSource(JournalStage.class)
  void journalInUseIsLeftToItsProcess(JournalStage stage) {
    RecoveryAdvice advice = RecoveryAdvice.of(entry(null, journal(stage, true)));
    assertThat(advice.action()).doesNotContain("--resume", "remove");
  }

  @Test
  void anotherProcessWithTheSameIdIsNotTheNode() {
    assertThat(living(OwnershipStep.READY).isAlive()).isTrue();
    assertThat(dead(OwnershipStep.READY).isAlive()).isFalse();
  }

  private static NodeStatusList.Entry entry(
      @Nullable NodeStatus status, @Nullable JournalSummary journal) {
    return new NodeStatusList.Entry(status, journal, FILE, null);
  }

  private static NodeStatus living(OwnershipStep step) {
    return NodeStatus.ofThisProcess(true, ID, step, Instant.EPOCH, "there:1");
  }

  /** Has the id of this process, but another start time. */
  private static NodeStatus dead(OwnershipStep step) {
    NodeStatus here = living(step);
    return new NodeStatus(
        true, ID, step, here.since(), here.processId(), here.processStart() - 1, "there:1");
  }

  private static JournalSummary journal(JournalStage stage, boolean underWay) {
    return journal(stage, underWay, false);
  }

  private static JournalSummary journal(JournalStage stage, boolean underWay, boolean survives) {
    return new JournalSummary(
        ID,
        stage,
        1,
        underWay,
        survives,
        List.of(Path.of("/dev/shm/vm")),
        Path.of("/state/" + ID + ".journal"));
  }
}
