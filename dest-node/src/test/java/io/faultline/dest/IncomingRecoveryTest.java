package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.Placement;
import io.faultline.uffd.linux.LinuxKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The state machine when the source is lost, at each step. */
@EnabledOnOs(OS.LINUX)
final class IncomingRecoveryTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int PAGES = 16;

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096);
  private final List<String> calls = new ArrayList<>();
  private final RecordingLink link = new RecordingLink(calls);
  private final IncomingCounters counters = new IncomingCounters();
  private IncomingMigration migration = migration(false);
  private long now = SECOND;

  private IncomingMigration migration(boolean poison) {
    PeerTimeouts timeouts = new PeerTimeouts(Duration.ofSeconds(3), Duration.ofSeconds(100));
    SourceLiveness source = new SourceLiveness(timeouts, poison, 3000, SECOND);
    return new IncomingMigration(new RecordingVm(calls, ram), link, counters, source, SECOND);
  }

  @AfterEach
  void unmap() {
    ram.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void vmOfALostSourceRunsWithoutItsMissingPagesOrIsStopped(boolean poison) throws Exception {
    migration = migration(poison);
    untilRunning();
    lose();
    tick(99 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    tick(2 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    assertThat(calls.contains("give up missing")).isEqualTo(poison);
    assertThat(calls.contains("abandon")).isEqualTo(!poison);
    assertThat(calls.contains("unregister incomplete")).isEqualTo(!poison);
  }

  @Test
  void lostConnectionBeforeReadyEndsTheMigration() throws Exception {
    describe();
    lose();
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    assertThat(calls).endsWith("unregister incomplete", "ended");
  }

  @Test
  void withoutRunTheDestinationWaitsAndNeverStartsTheVm() throws Exception {
    untilReady();
    lose();
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    for (int i = 0; i < 90; i++) {
      tick(SECOND);
    }
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    recover(Phase.PHASE_READY, PAGES);
    assertThat(migration.state()).isEqualTo(IncomingState.READY);
    assertThat(calls).doesNotContain("start");
    receive(SourceFrames.run());
    assertThat(calls).endsWith("start");
    link.later.removeFirst().run();
    assertThat(link.last().hasRunning()).isTrue();
    completes(PAGES);
  }

  @Test
  void afterRunTheVmContinuesAndOnlyMissingPagesAreSentAgain() throws Exception {
    untilRunning();
    counters.urgentPages.add(3);
    counters.bulkPages.add(6);
    lose();
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    assertThat(calls).endsWith("disconnect").doesNotContain("abandon");
    recover(Phase.PHASE_RUNNING, 7);
    assertThat(calls).endsWith("report", "resume");
    assertThat(link.last().getRunning().getFirstInstructionNanos())
        .as("reported again")
        .isEqualTo(RecordingVm.FIRST_INSTRUCTION_NANOS);
    completes(7);
    assertThat(migration.report(0).recoveries()).isEqualTo(1);
    assertThat(migration.report(0).pausedNanos()).isEqualTo(SECOND);
  }

  @Test
  void firstInstructionDuringAnOutageIsReportedAfterIt() throws Exception {
    untilReady();
    receive(SourceFrames.run());
    lose();
    link.later.removeFirst().run();
    assertThat(link.sent.stream().anyMatch(Frame::hasRunning)).isFalse();
    recover(Phase.PHASE_RUNNING, PAGES);
    assertThat(link.last().hasRunning()).isTrue();
  }

  @Test
  void recoveryMayFailAtAnyStepAndIsRepeated() throws Exception {
    untilRunning();
    lose();
    migration.reconnected(3000, now);
    assertThat(migration.state()).isEqualTo(IncomingState.RECOVERING);
    lose();
    migration.reconnected(3000, now);
    receive(SourceFrames.recover());
    assertThat(calls).endsWith("report");
    lose();
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    recover(Phase.PHASE_RUNNING, 5);
    completes(5);
  }

  @Test
  void bulkConnectionLostBeforeRunLeavesTheDecisionToTheSource() throws Exception {
    untilReady();
    migration.lost("the bulk connection was cut", false, now);
    assertThat(migration.state()).isEqualTo(IncomingState.READY);
    receive(SourceFrames.run());
    assertThat(calls).contains("start").endsWith("disconnect");
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
  }

  @Test
  void failureReportedByTheSourceBeforeRunEndsTheMigration() throws Exception {
    untilReady();
    receive(SourceFrames.failure("the VM continues here", false));
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    assertThat(calls).doesNotContain("start");
  }

  @Test
  void silenceIsALostConnectionOnceTheVmRuns() throws Exception {
    untilRunning();
    for (int i = 0; i < 31; i++) {
      tick(SECOND / 10);
    }
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    assertThat(link.sent.stream().filter(Frame::hasHeartbeat)).hasSize(3);
  }

  @Test
  void completionIsReportedAgainToASourceThatWasLostAfterTheLastPage() throws Exception {
    untilRunning();
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(PAGES, PAGES);
    assertThat(link.last().hasCompleted()).isTrue();
    lose();
    migration.reconnected(3000, now);
    receive(SourceFrames.recover());
    assertThat(link.last().getRecovery().getPhase()).isEqualTo(Phase.PHASE_COMPLETED);
    receive(SourceFrames.goodbye());
    assertThat(migration.state()).isEqualTo(IncomingState.COMPLETED);
  }

  @Test
  void sourceThatStaysAwayAfterTheLastPageEndsWithSuccess() throws Exception {
    untilRunning();
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(PAGES, PAGES);
    lose();
    tick(15 * SECOND);
    assertThat(migration.state().isFinal()).isFalse();
    tick(2 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.COMPLETED);
    assertThat(calls).doesNotContain("abandon");
  }

  @Test
  void sourceThatDoesNotReconnectIsGivenUpAfterTheTimeout() throws Exception {
    untilRunning();
    lose();
    tick(100 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    tick(1);
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    assertThat(calls).endsWith("abandon", "unregister incomplete", "ended");
    assertThat(migration.report(0).error())
        .contains("did not come back", "the cable was cut", "16 of its 16 pages are missing");
  }

  @Test
  void onlyRecoveryFramesAreAcceptedUntilItIsComplete() throws Exception {
    untilRunning();
    assertRefused(SourceFrames.recover(), "RECOVER during RUNNING");
    lose();
    migration.reconnected(3000, now);
    assertRefused(SourceFrames.run(), "RUN during RECOVERING");
    assertRefused(SourceFrames.streamEnd(0), "STREAM_END during RECOVERING");
    assertThatThrownBy(migration::takesUrgentPages).hasMessageContaining("RECOVERING");
    receive(SourceFrames.recover());
    assertRefused(SourceFrames.recover(), "RECOVER during RECOVERING");
  }

  private void lose() {
    migration.lost("the cable was cut", true, now);
  }

  private void recover(Phase phase, long missing) throws WireException {
    now += SECOND;
    migration.reconnected(3000, now);
    receive(SourceFrames.recover());
    assertThat(link.last().getRecovery().getPhase()).isEqualTo(phase);
    migration.reported(missing, now);
  }

  private void completes(long pages) throws WireException {
    receive(SourceFrames.streamEnd(0));
    assertThat(link.last().hasCompleted()).isFalse();
    migration.bulkStreamEnded(pages, pages);
    assertThat(link.last().hasCompleted()).isTrue();
  }

  private void describe() throws WireException {
    receive(
        SourceFrames.description(
            Mode.MODE_POSTCOPY, Placement.PLACEMENT_COPY, 4096, PAGES * 4096L));
  }

  private void untilReady() throws WireException {
    describe();
    receive(SourceFrames.deviceState());
    assertThat(migration.state()).isEqualTo(IncomingState.READY);
  }

  private void untilRunning() throws WireException {
    untilReady();
    receive(SourceFrames.run());
    link.later.removeFirst().run();
  }

  private void tick(long later) {
    now += later;
    migration.tick(now);
  }

  private void receive(Frame.Builder frame) throws WireException {
    migration.received(frame.build(), now);
  }

  private void assertRefused(Frame.Builder frame, String reason) {
    assertThatThrownBy(() -> receive(frame))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(reason);
  }
}
