package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Goodbye;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.Placement;
import io.faultline.proto.wire.Recover;
import io.faultline.proto.wire.Region;
import io.faultline.proto.wire.Run;
import io.faultline.proto.wire.StreamEnd;
import io.faultline.proto.wire.VmDescription;
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

/** The destination when the source is lost: what it does at each step. */
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
    return new IncomingMigration(new Vm(), link, counters, source, SECOND);
  }

  @AfterEach
  void unmap() {
    ram.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aVmWhoseSourceIsGoneGoesOnWithoutItsPagesOrIsStopped(boolean poison) throws Exception {
    migration = migration(poison);
    untilRunning();
    lose();
    tick(99 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    tick(2 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    assertThat(calls.contains("lose")).isEqualTo(poison);
    assertThat(calls.contains("abandon")).isEqualTo(!poison);
    assertThat(calls.contains("unregister incomplete")).isEqualTo(!poison);
  }

  @Test
  void beforeReadyALostConnectionEndsTheMigration() throws Exception {
    describe();
    lose();
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    assertThat(calls).endsWith("unregister incomplete", "ended");
  }

  @Test
  void aDestinationThatNeverGotRunWaitsAndNeverGuesses() throws Exception {
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
    receive(run());
    assertThat(calls).endsWith("start");
    link.later.removeFirst().run();
    assertThat(link.last().hasRunning()).isTrue();
    completes(PAGES);
  }

  @Test
  void behindRunTheVmGoesOnAndOnlyWhatIsMissingIsDue() throws Exception {
    untilRunning();
    counters.urgentPages.add(3);
    counters.bulkPages.add(6);
    lose();
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    assertThat(calls).endsWith("disconnect").doesNotContain("abandon");
    recover(Phase.PHASE_RUNNING, 7);
    assertThat(calls).endsWith("report", "resume");
    assertThat(link.last().getRunning().getFirstInstructionNanos())
        .as("it is told again")
        .isEqualTo(42);
    completes(7);
    assertThat(migration.report().recoveries()).isEqualTo(1);
    assertThat(migration.report().pausedNanos()).isEqualTo(SECOND);
  }

  @Test
  void aFirstInstructionThatRanInAnOutageIsToldBehindIt() throws Exception {
    untilReady();
    receive(run());
    lose();
    link.later.removeFirst().run();
    assertThat(link.sent.stream().anyMatch(Frame::hasRunning)).isFalse();
    recover(Phase.PHASE_RUNNING, PAGES);
    assertThat(link.last().hasRunning()).isTrue();
  }

  @Test
  void aRecoveryThatFailsAtAnyStepIsFollowedByAnother() throws Exception {
    untilRunning();
    lose();
    migration.reconnected(3000, now);
    assertThat(migration.state()).isEqualTo(IncomingState.RECOVERING);
    lose();
    migration.reconnected(3000, now);
    receive(recoverFrame());
    assertThat(calls).endsWith("report");
    lose();
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    recover(Phase.PHASE_RUNNING, 5);
    completes(5);
  }

  @Test
  void aBulkConnectionThatIsLostBeforeRunIsTheSourcesConcern() throws Exception {
    untilReady();
    migration.lost("the bulk connection was cut", false, now);
    assertThat(migration.state()).isEqualTo(IncomingState.READY);
    receive(run());
    assertThat(calls).contains("start").endsWith("disconnect");
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
  }

  @Test
  void aSourceThatSaysItFailedBeforeTheCommitPointEndsTheWait() throws Exception {
    untilReady();
    receive(Frame.newBuilder().setFailure(Failure.newBuilder().setMessage("the VM goes on here")));
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
  void aSourceThatIsLostBehindTheLastPageIsToldAgainThatAllIsHere() throws Exception {
    untilRunning();
    receive(streamEnd(0));
    migration.bulkStreamEnded(PAGES, PAGES);
    assertThat(link.last().hasCompleted()).isTrue();
    lose();
    migration.reconnected(3000, now);
    receive(recoverFrame());
    assertThat(link.last().getRecovery().getPhase()).isEqualTo(Phase.PHASE_COMPLETED);
    receive(Frame.newBuilder().setGoodbye(Goodbye.getDefaultInstance()));
    assertThat(migration.state()).isEqualTo(IncomingState.COMPLETED);
  }

  @Test
  void aSourceThatStaysAwayBehindTheLastPageIsNotWaitedForForEver() throws Exception {
    untilRunning();
    receive(streamEnd(0));
    migration.bulkStreamEnded(PAGES, PAGES);
    lose();
    tick(15 * SECOND);
    assertThat(migration.state().isFinal()).isFalse();
    tick(2 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.COMPLETED);
    assertThat(calls).doesNotContain("abandon");
  }

  @Test
  void aSourceThatDoesNotComeBackIsGivenUpWhenItWasAskedFor() throws Exception {
    untilRunning();
    lose();
    tick(100 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    tick(1);
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    assertThat(calls).endsWith("abandon", "unregister incomplete", "ended");
    assertThat(migration.report().error())
        .contains("did not come back", "the cable was cut", "16 of its 16 pages are missing");
  }

  @Test
  void nothingButTheRecoveryIsInOrderUntilItIsThrough() throws Exception {
    untilRunning();
    assertRefused(recoverFrame(), "RECOVER during RUNNING");
    lose();
    migration.reconnected(3000, now);
    assertRefused(run(), "RUN during RECOVERING");
    assertRefused(streamEnd(0), "STREAM_END during RECOVERING");
    assertThatThrownBy(migration::takesUrgentPages).hasMessageContaining("RECOVERING");
    receive(recoverFrame());
    assertRefused(recoverFrame(), "RECOVER during RECOVERING");
  }

  private void lose() {
    migration.lost("the cable was cut", true, now);
  }

  private void recover(Phase phase, long missing) throws WireException {
    now += SECOND;
    migration.reconnected(3000, now);
    receive(recoverFrame());
    assertThat(link.last().getRecovery().getPhase()).isEqualTo(phase);
    migration.reported(missing, now);
  }

  private void completes(long pages) throws WireException {
    receive(streamEnd(0));
    assertThat(link.last().hasCompleted()).isFalse();
    migration.bulkStreamEnded(pages, pages);
    assertThat(link.last().hasCompleted()).isTrue();
  }

  private void describe() throws WireException {
    receive(
        Frame.newBuilder()
            .setVmDescription(
                VmDescription.newBuilder()
                    .setMode(Mode.MODE_POSTCOPY)
                    .setPlacement(Placement.PLACEMENT_COPY)
                    .setBasePageBytes(4096)
                    .addRegions(
                        Region.newBuilder()
                            .setName("ram")
                            .setPageBytes(4096)
                            .setSizeBytes(PAGES * 4096))));
  }

  private void untilReady() throws WireException {
    describe();
    receive(Frame.newBuilder().setDeviceState(DeviceState.getDefaultInstance()));
    assertThat(migration.state()).isEqualTo(IncomingState.READY);
  }

  private void untilRunning() throws WireException {
    untilReady();
    receive(run());
    link.later.removeFirst().run();
  }

  private void tick(long later) {
    now += later;
    migration.tick(now);
  }

  private void receive(Frame.Builder frame) throws WireException {
    migration.received(frame.build(), now);
  }

  private void assertRefused(Frame.Builder frame, String name) {
    assertThatThrownBy(() -> receive(frame))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(name);
  }

  private static Frame.Builder run() {
    return Frame.newBuilder().setRun(Run.getDefaultInstance());
  }

  private static Frame.Builder recoverFrame() {
    return Frame.newBuilder().setRecover(Recover.getDefaultInstance());
  }

  private static Frame.Builder streamEnd(long pages) {
    return Frame.newBuilder().setStreamEnd(StreamEnd.newBuilder().setPages(pages));
  }

  private final class Vm implements IncomingVm {
    @Override
    public List<MemoryRegion> prepare(
        String type, ByteString configuration, List<AnnouncedRegion> announced) {
      return List.of(ram);
    }

    @Override
    public void loadDeviceState(ByteString state, long clockOffsetNanos) {
      calls.add("load");
    }

    @Override
    public void start(FirstInstruction onFirstInstruction) {
      calls.add("start");
      onFirstInstruction.ran(42);
    }

    @Override
    public void abandon() {
      calls.add("abandon");
    }
  }
}
