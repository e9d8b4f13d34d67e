package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.WireException;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.wire.Completed;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.MemoryPrepared;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.Pong;
import io.faultline.proto.wire.Ready;
import io.faultline.proto.wire.Recovery;
import io.faultline.proto.wire.Running;
import io.faultline.uffd.linux.LinuxKernel;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Steps are recorded before they are taken, and not taken if they cannot be recorded. */
@EnabledOnOs(OS.LINUX)
final class OwnershipLogTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int PAGES = 16;
  private static final int EARLIER_ATTEMPTS = 1 << 20;

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.SHMEM, PAGES * 4096);
  private final FakeVm vm = new FakeVm(List.of(ram));
  private final RecordingOwnershipLog ownershipLog = new RecordingOwnershipLog(vm.calls);
  private final RecordingLink link = new RecordingLink();
  private final ReconnectSchedule schedule = new ReconnectSchedule(1, 0, () -> 0);
  private long now = 1;

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void runIsSentAfterItIsRecorded() throws Exception {
    OutgoingMigration migration = untilPaused();
    assertThat(vm.calls).containsExactly("pause", "state", "log: paused with state");
    migration.received(ready(), now);
    assertThat(vm.calls).endsWith("log: committed");
    assertThat(link.last().hasRun()).isTrue();
    migration.received(running(), now);
    migration.backgroundDone(0, now);
    migration.received(frame().setCompleted(Completed.getDefaultInstance()).build(), now);
    assertThat(vm.calls).endsWith("log: completed");
  }

  @Test
  void recordThatIsKnownBeforeThePauseIsMadeBeforeIt() throws Exception {
    vm.expected = ByteString.copyFromUtf8("it ran");
    vm.recorded = vm.expected;
    untilPaused();
    assertThat(vm.calls).containsExactly("log: paused with it ran", "pause", "state");
  }

  @Test
  void recordThatWasExpectedWronglyIsMadeAgain() throws Exception {
    vm.expected = ByteString.copyFromUtf8("it ran");
    vm.recorded = ByteString.copyFromUtf8("it did not run");
    untilPaused();
    assertThat(vm.calls)
        .containsExactly(
            "log: paused with it ran", "pause", "state", "log: paused with it did not run");
  }

  @Test
  void vmIsNotPausedIfThatCannotBeRecordedBefore() throws Exception {
    vm.expected = ByteString.copyFromUtf8("it ran");
    ownershipLog.full = true;
    OutgoingMigration migration = untilPaused();
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(vm.calls).containsExactly("log: released");
  }

  @Test
  void runIsNotSentIfItCannotBeRecorded() throws Exception {
    OutgoingMigration migration = untilPaused();
    ownershipLog.full = true;
    migration.received(ready(), now);
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(migration.isCommitted()).isFalse();
    assertThat(migration.error()).isEqualTo("no space left");
    assertThat(link.sent).noneMatch(Frame::hasRun);
    assertThat(vm.calls).endsWith("log: released", "resume");
  }

  @Test
  void vmResumesIfItsStateCannotBeRecorded() throws Exception {
    ownershipLog.full = true;
    OutgoingMigration migration = untilPaused();
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(vm.calls).containsExactly("pause", "state", "log: released", "resume");
  }

  @Test
  void releaseIsRecordedBeforeTheVmResumes() throws Exception {
    OutgoingMigration migration = untilPaused();
    migration.lost("the cable was cut", now);
    assertThat(vm.calls).endsWith("log: released", "resume");
  }

  @Test
  void vmResumesEvenIfTheLogIsBroken() throws Exception {
    ownershipLog.broken = true;
    OutgoingMigration migration = untilPaused();
    migration.lost("the cable was cut", now);
    assertThat(vm.calls).endsWith("log: released", "resume");
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(migration.error()).startsWith("the cable was cut; ").contains("a part of the log");
  }

  /** A process that is killed in between must not leave a paused VM without a record. */
  @Test
  void releaseOfAVmThatOutlivesTheSourceIsRecordedAfterItResumes() throws Exception {
    vm.survivor = ByteString.copyFromUtf8("there");
    OutgoingMigration migration = untilPaused();
    migration.lost("the cable was cut", now);
    assertThat(vm.calls).endsWith("resume", "log: released");
  }

  @Test
  void recordOfAVmThatOutlivesTheSourceStaysIfItCannotBeResumed() throws Exception {
    vm.survivor = ByteString.copyFromUtf8("there");
    vm.brokenResume = true;
    OutgoingMigration migration = untilPaused();
    migration.lost("the cable was cut", now);
    assertThat(vm.calls).endsWith("resume").doesNotContain("log: released");
    assertThat(migration.error())
        .isEqualTo("the cable was cut; the VM could not be resumed: stuck");
  }

  @Test
  void recordOfAVmThatHasEndedWithoutTheSourceIsDropped() throws Exception {
    vm.survivor = ByteString.copyFromUtf8("there");
    OutgoingMigration migration = untilPaused();
    vm.ended = true;
    migration.lost("the cable was cut", now);
    assertThat(vm.calls).endsWith("log: released").doesNotContain("resume");
  }

  @Test
  void afterRunTheRecordStaysEvenIfTheMigrationFails() throws Exception {
    OutgoingMigration migration = untilPaused();
    migration.received(ready(), now);
    migration.failed("given up", now);
    assertThat(vm.calls).endsWith("log: committed");
  }

  @Test
  void resumedMigrationSendsThePagesThatTheDestinationLacks() throws Exception {
    OutgoingRegions regions = new OutgoingRegions(vm.regions(), Placement.COPY);
    OutgoingMigration migration = resumed(regions, Placement.COPY, Phase.PHASE_RUNNING, 6);
    assertThat(migration.state()).isEqualTo(OutgoingState.POSTCOPY);
    assertThat(link.sent).noneMatch(Frame::hasRun);
    assertThat(regions.unsentPages()).isEqualTo(6);
    assertThat(regions.resentPages()).as("this process sent none before").isZero();
    migration.received(running(), now);
    assertThat(link.background).isTrue();
    assertThat(vm.calls).as("the VM is not touched").isEmpty();
  }

  @Test
  void resumedMigrationSendsRunToADestinationThatNeverGotIt() throws Exception {
    OutgoingRegions regions = new OutgoingRegions(vm.regions(), Placement.COPY);
    resumed(regions, Placement.COPY, Phase.PHASE_READY, PAGES);
    assertThat(link.last().hasRun()).isTrue();
  }

  @Test
  void resumedContinueMigrationResendsPagesNotKnownToBeCurrent() throws Exception {
    OutgoingRegions regions = new OutgoingRegions(vm.regions(), Placement.CONTINUE);
    resumed(regions, Placement.CONTINUE, Phase.PHASE_RUNNING, 6);
    assertThat(regions.stalePages()).as("the stale set that is sent again").isEqualTo(PAGES);
    assertThat(regions.unsentPages()).isEqualTo(6);
  }

  private OutgoingMigration resumed(
      OutgoingRegions regions, Placement placement, Phase phase, int lacking) throws WireException {
    schedule.startAfter(EARLIER_ATTEMPTS);
    OutgoingMigration migration = migration(regions, placement);
    migration.resumeCommitted(now);
    assertThat(migration.isCommitted()).isTrue();
    now += SECOND;
    migration.tick(now);
    assertThat(link.connections).endsWith("connect " + (EARLIER_ATTEMPTS + 1) + " to 0");
    migration.connected(new Heartbeats(3000, 3000, now), now);
    migration.received(frame().setRecovery(Recovery.newBuilder().setPhase(phase)).build(), now);
    PageSet.Builder has = PageSet.newBuilder().addRuns(lacking).addRuns(PAGES - lacking);
    migration.received(frame().setReceived(has.setLast(true)).build(), now);
    return migration;
  }

  private OutgoingMigration untilPaused() throws WireException {
    OutgoingMigration migration =
        migration(new OutgoingRegions(vm.regions(), Placement.COPY), Placement.COPY);
    migration.connected(new Heartbeats(3000, 3000, now), now);
    while (!migration.handover().clockOffset().isMeasured()) {
      now += 1000;
      Pong pong = Pong.newBuilder().setSourceNanos(now - 1000).setDestinationNanos(5).build();
      migration.received(frame().setPong(pong).build(), now);
    }
    migration.received(frame().setMemoryPrepared(MemoryPrepared.getDefaultInstance()).build(), now);
    migration.switchover(() -> ++now);
    return migration;
  }

  private OutgoingMigration migration(OutgoingRegions regions, Placement placement) {
    SourceSettings settings = new SourceSettings(new InetSocketAddress(0)).withPlacement(placement);
    return new OutgoingMigration(vm, regions, settings, link, () -> 0, schedule, ownershipLog, now);
  }

  private static Frame.Builder frame() {
    return Frame.newBuilder();
  }

  private static Frame ready() {
    return frame().setReady(Ready.getDefaultInstance()).build();
  }

  private static Frame running() {
    return frame().setRunning(Running.newBuilder().setFirstInstructionNanos(1)).build();
  }
}
