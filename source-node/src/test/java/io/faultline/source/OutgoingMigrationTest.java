package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.WireException;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.wire.Completed;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.MemoryPrepared;
import io.faultline.proto.wire.Pong;
import io.faultline.proto.wire.Ready;
import io.faultline.proto.wire.Running;
import io.faultline.uffd.linux.LinuxKernel;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class OutgoingMigrationTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long CLOCK_OFFSET = 5_000_000_000L;

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, 16 * 4096);
  private final FakeVm vm = new FakeVm(List.of(ram));
  private final RecordingLink link = new RecordingLink();
  private final OutgoingRegions regions = new OutgoingRegions(vm.regions(), Placement.COPY);
  private long now = 1;
  private final ReconnectSchedule schedule = new ReconnectSchedule(1, 0, () -> 0);
  private final OutgoingMigration migration =
      new OutgoingMigration(
          vm,
          regions,
          new SourceSettings(new InetSocketAddress(0)),
          link,
          () -> 0,
          schedule,
          OwnershipLog.NONE,
          now);

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void migrationPassesThroughItsStatesInOrder() throws Exception {
    untilPaused();
    assertThat(vm.calls).containsExactly("pause", "state");
    assertThat(link.last().getDeviceState().getState().toStringUtf8()).isEqualTo("state");
    receive(ready());
    assertThat(migration.state()).isEqualTo(OutgoingState.POSTCOPY);
    assertThat(link.last().hasRun()).isTrue();
    assertThat(link.background).isFalse();
    receive(running(now));
    assertThat(link.background).isTrue();
    migration.backgroundDone(3, now);
    assertThat(link.last().getStreamEnd().getPages()).isEqualTo(3);
    receive(completed());
    assertThat(migration.state()).isEqualTo(OutgoingState.COMPLETED);
    assertThat(link.last().hasGoodbye()).isTrue();
    assertThat(link.ended).isTrue();
    assertThat(vm.calls).doesNotContain("resume");
  }

  @Test
  void stateGoesInPartsToADestinationThatTakesThem() throws Exception {
    link.takesStateParts = true;
    untilPaused();
    assertThat(link.sent.stream().filter(Frame::hasDeviceStatePart))
        .extracting(frame -> frame.getDeviceStatePart().getBytes().toStringUtf8())
        .containsExactly("", "st", "at");
    assertThat(link.last().getDeviceState().getState().toStringUtf8()).isEqualTo("e");
  }

  @Test
  void failureBeforeRunResumesTheVm() throws Exception {
    untilPaused();
    migration.failed("the cable was cut", now);
    assertThat(vm.calls).endsWith("resume");
    assertThat(migration.isCommitted()).isFalse();
    assertThat(migration.error()).isEqualTo("the cable was cut");
    migration.failed("again", now);
    assertThat(vm.calls.stream().filter("resume"::equals)).hasSize(1);
  }

  @Test
  void vmThatEndsByItselfEndsTheMigration() {
    vm.ended = true;
    migration.tick(now);
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(migration.error()).isEqualTo("the VM has ended at the source");
  }

  @Test
  void failureThatFollowsFromTheEndOfTheVmIsReportedAsThat() {
    vm.ended = true;
    migration.failed("internal error at the source: no such process", now);
    assertThat(migration.error()).isEqualTo("the VM has ended at the source");
  }

  @Test
  void vmThatEndsAfterItsStateWasSentMovesAllTheSame() throws Exception {
    untilPaused();
    vm.ended = true;
    migration.tick(now);
    assertThat(migration.state()).isEqualTo(OutgoingState.SWITCHOVER);
    receive(ready());
    assertThat(migration.isCommitted()).isTrue();
  }

  @Test
  void vmThatCannotBePausedIsResumedAndItsReasonReportedAsItIs() throws Exception {
    vm.brokenPause = true;
    untilPaused();
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(migration.error()).isEqualTo("QEMU did not reply");
    assertThat(vm.calls).containsExactly("pause", "resume");
  }

  @Test
  void vmThatHasEndedIsNotResumed() throws Exception {
    untilPaused();
    vm.ended = true;
    migration.failed("the cable was cut", now);
    assertThat(vm.calls).doesNotContain("resume");
    assertThat(migration.error()).isEqualTo("the cable was cut");
  }

  @Test
  void cancelBeforeRunResumesTheVm() throws Exception {
    untilPaused();
    migration.cancel(now);
    assertThat(vm.calls).endsWith("resume");
    assertThat(migration.state()).isEqualTo(OutgoingState.CANCELLED);
    assertThat(link.last().getFailure().getMessage()).contains("cancelled");
    migration.failed("late", now);
    assertThat(migration.state()).isEqualTo(OutgoingState.CANCELLED);
  }

  @Test
  void cancelAfterRunDoesNothing() throws Exception {
    untilPaused();
    receive(ready());
    migration.cancel(now);
    assertThat(migration.state()).isEqualTo(OutgoingState.POSTCOPY);
    assertThat(vm.calls).doesNotContain("resume");
  }

  @Test
  void vmThatWasNeverPausedIsNotResumed() {
    migration.failed("no answer", now);
    assertThat(vm.calls).isEmpty();
  }

  @Test
  void vmNeverResumesAfterRun() throws Exception {
    untilPaused();
    receive(ready());
    migration.failed("the cable was cut", now);
    assertThat(vm.calls).doesNotContain("resume");
    assertThat(migration.isCommitted()).isTrue();
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
  }

  @Test
  void failureOfTheDestinationEndsTheMigrationWithItsReason() throws Exception {
    untilPaused();
    receive(Frame.newBuilder().setFailure(Failure.newBuilder().setMessage("no\u001b memory")));
    assertThat(migration.error()).contains("no  memory");
    assertThat(vm.calls).endsWith("resume");
  }

  @Test
  void silenceBeforeTheCommitPointTimesOut() throws Exception {
    untilPaused();
    migration.tick(now + 9 * SECOND);
    assertThat(migration.state()).isEqualTo(OutgoingState.SWITCHOVER);
    migration.tick(now + 11 * SECOND);
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(vm.calls).endsWith("resume");
  }

  @Test
  void migrationEndsEvenIfTheVmCannotBeResumed() throws Exception {
    untilPaused();
    vm.brokenResume = true;
    migration.failed("the cable was cut", now);
    assertThat(link.ended).isTrue();
    assertThat(migration.error()).contains("the cable was cut").contains("stuck");
  }

  @Test
  void slowReadyDoesNotShortenTheTimeToStart() throws Exception {
    untilPaused();
    now += 9 * SECOND;
    receive(ready());
    now += 9 * SECOND;
    migration.tick(now);
    assertThat(migration.state()).isEqualTo(OutgoingState.POSTCOPY);
    now += 2 * SECOND;
    migration.tick(now);
    assertThat(migration.state()).isEqualTo(OutgoingState.PAUSED);
  }

  @Test
  void longPostcopyIsNotSilence() throws Exception {
    untilPaused();
    receive(ready());
    receive(running(now));
    migration.tick(now + 100_000 * SECOND);
    assertThat(migration.state()).isEqualTo(OutgoingState.POSTCOPY);
  }

  @Test
  void unexpectedFramesAreRefusedByName() throws Exception {
    assertRefused(ready(), "READY");
    assertRefused(prepared(), "MEMORY_PREPARED");
    assertRefused(completed(), "COMPLETED");
    assertRefused(running(1), "RUNNING");
    assertThatThrownBy(migration::checkRequest).hasMessageContaining("page request during SETUP");
    untilPaused();
    migration.checkRequest(); // from a device that loads its state
    assertRefused(pong(), "PONG");
    assertRefused(completed(), "COMPLETED");
    receive(ready());
    assertRefused(ready(), "READY");
    assertRefused(completed(), "COMPLETED");
    migration.checkRequest();
    receive(running(now));
    assertRefused(completed(), "COMPLETED");
  }

  @Test
  void downtimeIsCorrectedByTheClockOffset() throws Exception {
    untilPaused();
    long paused = migration.times().pauseNanos;
    receive(ready());
    receive(running(paused + CLOCK_OFFSET + 7_000));
    migration.backgroundDone(0, now);
    receive(completed());
    OutgoingReport report =
        new OutgoingReporter(migration, regions, new OutgoingCounters(), schedule).report(0);
    assertThat(report.downtimeNanos()).isBetween(6_000L, 8_000L);
    assertThat(report.downtimeErrorNanos()).isEqualTo(500);
  }

  private void untilPaused() throws Exception {
    migration.connected(new Heartbeats(0, 0, now), now);
    while (link.last().hasPing()) {
      long sent = link.last().getPing().getSourceNanos();
      now = sent + 1000;
      receive(
          Frame.newBuilder()
              .setPong(
                  Pong.newBuilder()
                      .setSourceNanos(sent)
                      .setDestinationNanos(sent + 500 + CLOCK_OFFSET)));
    }
    assertThat(link.last().getVmDescription().getRegionsCount()).isEqualTo(1);
    receive(prepared());
    assertThat(migration.state()).isEqualTo(OutgoingState.SWITCHOVER);
    migration.switchover(() -> now);
  }

  private void receive(Frame.Builder frame) throws WireException {
    migration.received(frame.build(), now);
  }

  private void assertRefused(Frame.Builder frame, String name) {
    assertThatThrownBy(() -> receive(frame))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(name);
  }

  private static Frame.Builder pong() {
    return Frame.newBuilder().setPong(Pong.getDefaultInstance());
  }

  private static Frame.Builder prepared() {
    return Frame.newBuilder().setMemoryPrepared(MemoryPrepared.getDefaultInstance());
  }

  private static Frame.Builder ready() {
    return Frame.newBuilder().setReady(Ready.getDefaultInstance());
  }

  private static Frame.Builder running(long firstInstruction) {
    return Frame.newBuilder()
        .setRunning(Running.newBuilder().setFirstInstructionNanos(firstInstruction));
  }

  private static Frame.Builder completed() {
    return Frame.newBuilder().setCompleted(Completed.getDefaultInstance());
  }
}
