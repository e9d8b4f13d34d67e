package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.Ping;
import io.faultline.proto.wire.Placement;
import io.faultline.proto.wire.VmDescription;
import io.faultline.uffd.linux.LinuxKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The state machine without outages. */
@EnabledOnOs(OS.LINUX)
final class IncomingMigrationTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int PAGES = 16;

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.SHMEM, PAGES * 4096);
  private final MemoryRegion anonymous =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096);
  private final List<String> calls = new ArrayList<>();
  private final RecordingLink link = new RecordingLink(calls);
  private final RecordingVm vm = new RecordingVm(calls, ram);
  private final IncomingCounters counters = new IncomingCounters();
  private Mode mode = Mode.MODE_POSTCOPY;
  private Placement placement = Placement.PLACEMENT_COPY;
  private final IncomingMigration migration =
      new IncomingMigration(
          vm, link, counters, new SourceLiveness(PeerTimeouts.DEFAULT, false, 0, 1), 1);

  @AfterEach
  void unmap() {
    ram.close();
    anonymous.close();
  }

  @Test
  void migrationPassesThroughItsStatesInOrder() throws Exception {
    untilRunning();
    assertThat(calls)
        .containsExactly("prepare", "register", "load 7", "precopy ended", "guest starts", "start");
    assertThat(link.last().getRunning().getFirstInstructionNanos())
        .isEqualTo(RecordingVm.FIRST_INSTRUCTION_NANOS);
    counters.urgentPages.add(6);
    receive(SourceFrames.streamEnd(6));
    assertThat(link.last().hasCompleted()).isFalse();
    migration.bulkStreamEnded(10, 10);
    assertThat(link.last().hasCompleted()).isTrue();
    assertThat(migration.takesUrgentPages()).as("late answers are placed").isFalse();
    assertThat(calls).endsWith("unregister");
    receive(SourceFrames.goodbye());
    assertThat(migration.report(0).state()).isEqualTo(IncomingState.COMPLETED);
    assertThat(calls).endsWith("ended");
  }

  @Test
  void eachStageIsRecordedBeforeWhatItPermits() throws Exception {
    untilReady();
    assertThat(link.stages).containsExactly("READY after precopy ended and MEMORY_PREPARED");
    receive(SourceFrames.run());
    assertThat(link.stages).last().isEqualTo("RUNNING after precopy ended and READY");
    link.later.removeFirst().run();
    assertThat(link.stages).last().isEqualTo("STARTED after start and READY");
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(PAGES, PAGES);
    assertThat(link.stages).last().isEqualTo("COMPLETE after start and RUNNING");
  }

  @Test
  void nodeThatTakesOverAtReadyWaitsForRun() throws Exception {
    takeOver(TakeOverStage.READY);
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    assertThat(calls).doesNotContain("start", "register", "unregister");
    migration.reconnected(0, 3);
    receive(SourceFrames.recover());
    assertThat(link.last().getRecovery().getPhase()).isEqualTo(Phase.PHASE_READY);
    migration.reported(PAGES, 4);
    receive(SourceFrames.run());
    assertThat(calls).endsWith("start");
  }

  @Test
  void nodeThatTakesOverAfterRunStartsTheVmAndGoesOn() throws Exception {
    takeOver(TakeOverStage.RUNNING);
    assertThat(calls).contains("start");
    migration.reconnected(0, 3);
    receive(SourceFrames.recover());
    assertThat(link.last().getRecovery().getPhase()).isEqualTo(Phase.PHASE_RUNNING);
    link.later.removeFirst().run();
    migration.reported(3, 4);
    assertThat(link.last().hasRunning()).isTrue();
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(3, 3);
    assertThat(link.last().hasCompleted()).isTrue();
  }

  @Test
  void nodeThatTakesOverACompleteVmTellsTheSource() throws Exception {
    takeOver(TakeOverStage.COMPLETE);
    migration.reconnected(0, 3);
    receive(SourceFrames.recover());
    assertThat(link.last().getRecovery().getPhase()).isEqualTo(Phase.PHASE_COMPLETED);
    receive(SourceFrames.goodbye());
    assertThat(migration.report(0).state()).isEqualTo(IncomingState.COMPLETED);
    assertThat(calls).doesNotContain("start", "unregister");
  }

  private void takeOver(TakeOverStage stage) throws Exception {
    VmDescription description = description(4096, 4096 * PAGES).build().getVmDescription();
    PreparedMemory memory =
        PreparedMemory.of(vm, description, (type, configuration, regions) -> {});
    migration.takeOver(memory, stage, 2);
    assertThat(calls).contains("disconnect");
  }

  @Test
  void migrationOfAVmThatHasEndedFailsWithThatReason() throws Exception {
    untilRunning();
    vm.ended = "the VM has ended";
    migration.failed("a page cannot be placed", 7);
    assertThat(link.last().getFailure().getMessage()).isEqualTo("the VM has ended");
    assertThat(migration.report(8).state()).isEqualTo(IncomingState.FAILED);
    assertThat(migration.report(8).error()).isEqualTo("the VM has ended");
    assertThat(calls).doesNotContain("abandon").contains("unregister incomplete");
  }

  @Test
  void completionWaitsForTheFirstInstruction() throws Exception {
    untilReady();
    receive(SourceFrames.run());
    IncomingLink.Task firstInstruction = link.later.removeFirst();
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(PAGES, PAGES);
    assertThat(link.sent.stream().anyMatch(Frame::hasCompleted)).isFalse();
    firstInstruction.run();
    assertThat(link.last().hasCompleted()).isTrue();
  }

  @Test
  void doesNotCompleteWithAMissingPage() throws Exception {
    untilRunning();
    receive(SourceFrames.streamEnd(0));
    assertThatThrownBy(() -> migration.bulkStreamEnded(PAGES - 1, PAGES - 1))
        .hasMessageContaining("15 of 16 pages");
    assertThat(link.sent.stream().anyMatch(Frame::hasCompleted)).isFalse();
  }

  @Test
  void detectsPagesMissingFromAStream() throws Exception {
    untilRunning();
    assertThatThrownBy(() -> migration.bulkStreamEnded(PAGES, PAGES - 1))
        .hasMessageContaining("after 16 pages, 15 received");
  }

  @Test
  void failureStopsARunningVmBeforeItsMemoryIsUnregistered() throws Exception {
    untilRunning();
    migration.failed("the cable was cut", 9);
    assertThat(calls.subList(calls.size() - 3, calls.size()))
        .containsExactly("abandon", "unregister incomplete", "ended");
    assertThat(migration.report(0).error()).contains("the cable was cut").contains("16 of its 16");
    assertThat(migration.report(0).vmStarted()).isTrue();
  }

  @Test
  void runningVmIsLeftToAnotherProcessThatCanTakeOver() throws Exception {
    untilRunning();
    link.takeOver = "dest --take-over 7";
    int before = link.sent.size();
    migration.broke("a page cannot be placed", 9);
    assertThat(calls).endsWith("leave", "ended").doesNotContain("abandon", "unregister incomplete");
    assertThat(link.sent).as("the source is to reconnect").hasSize(before);
    assertThat(migration.report(9).state()).isEqualTo(IncomingState.FAILED);
    assertThat(migration.report(9).error())
        .contains("a page cannot be placed")
        .endsWith("dest --take-over 7");
  }

  @Test
  void vmIsStoppedIfNoProcessCanTakeOver() throws Exception {
    untilRunning();
    migration.broke("a page cannot be placed", 9);
    assertThat(calls).endsWith("abandon", "unregister incomplete", "ended");
  }

  @Test
  void vmIsNotLeftBeforeItRunsHere() throws Exception {
    untilReady();
    link.takeOver = "dest --take-over 7";
    migration.broke("the cable was cut", 9);
    assertThat(calls).doesNotContain("leave").endsWith("unregister incomplete", "ended");
    assertThat(link.last().hasFailure()).isTrue();
  }

  @Test
  void vmWithoutMissingPagesIsNotLeft() throws Exception {
    untilRunning();
    link.takeOver = "dest --take-over 7";
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(PAGES, PAGES);
    migration.broke("the connection was closed", 9);
    assertThat(calls).doesNotContain("leave");
    assertThat(migration.report(0).state()).isEqualTo(IncomingState.COMPLETED);
  }

  @Test
  void vmThatHasEndedIsNotLeft() throws Exception {
    untilRunning();
    link.takeOver = "dest --take-over 7";
    vm.ended = "the VM has ended";
    migration.broke("a page cannot be placed", 9);
    assertThat(calls).doesNotContain("leave");
    assertThat(migration.report(9).error()).isEqualTo("the VM has ended");
  }

  @Test
  void failureBeforeRunStartsNoVm() throws Exception {
    untilReady();
    migration.failed("the cable was cut", 9);
    assertThat(calls).doesNotContain("start", "abandon").endsWith("unregister incomplete", "ended");
    assertThat(migration.report(0).vmStarted()).isFalse();
  }

  @Test
  void losingTheSourceAfterTheLastPageIsSuccess() throws Exception {
    untilRunning();
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(PAGES, PAGES);
    migration.failed("the connection was closed", 9);
    assertThat(migration.report(0).state()).isEqualTo(IncomingState.COMPLETED);
    assertThat(calls).doesNotContain("abandon");
  }

  @Test
  void silenceAfterTheLastPageEndsWithSuccess() throws Exception {
    untilRunning();
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(PAGES, PAGES);
    migration.tick(200 * SECOND);
    migration.tick(209 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.RUNNING);
    migration.tick(211 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.COMPLETED);
    assertThat(calls).doesNotContain("abandon").endsWith("ended");
  }

  @Test
  void memoryStaysRegisteredIfTheVmCannotBeStopped() throws Exception {
    untilRunning();
    vm.abandonFails = true;
    migration.failed("the cable was cut", 9);
    assertThat(calls).doesNotContain("unregister incomplete").endsWith("abandon", "ended");
    assertThat(migration.report(0).error()).contains("the cable was cut").contains("does not stop");
  }

  @Test
  void silenceAfterReadyPausesTheMigration() throws Exception {
    untilReady();
    migration.tick(129 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.READY);
    migration.tick(131 * SECOND);
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
  }

  @Test
  void framesOutOfOrderAreRefusedByName() throws Exception {
    assertRefused(SourceFrames.run(), "RUN");
    assertRefused(SourceFrames.deviceState(), "DEVICE_STATE");
    assertRefused(SourceFrames.streamEnd(0), "STREAM_END");
    assertRefused(SourceFrames.goodbye(), "GOODBYE");
    assertThatThrownBy(migration::takesUrgentPages).hasMessageContaining("run of pages");
    untilReady();
    assertRefused(description(4096, 4096 * PAGES), "VM_DESCRIPTION");
    assertRefused(SourceFrames.deviceState(), "DEVICE_STATE");
    receive(SourceFrames.run());
    assertThat(migration.takesUrgentPages()).isTrue();
    assertRefused(SourceFrames.run(), "RUN");
  }

  @Test
  void impossibleRegionsAreRefusedByName() {
    assertRefused(description(4095, 4095), "pages of 4095 bytes");
    assertRefused(description(1L << 31, 1L << 31), "pages of 2147483648 bytes");
    assertRefused(description(4096, 4097), "4097 bytes in pages of 4096");
    assertRefused(description(4096, 0), "has 0 bytes");
    assertRefused(description(4096, 1L << 60), "has 1152921504606846976 bytes");
    assertRefused(
        Frame.newBuilder().setVmDescription(VmDescription.getDefaultInstance()), "0 regions");
    assertThat(calls).isEmpty();
  }

  @Test
  void roundsAreAcknowledgedInOrderUntilTheDeviceStateArrives() throws Exception {
    mode = Mode.MODE_HYBRID;
    receive(description(4096, 4096 * PAGES));
    assertThatThrownBy(() -> migration.roundReceived(2)).isInstanceOf(WireException.class);
    migration.roundReceived(1);
    assertThat(link.last().getRoundReceived().getRound()).isEqualTo(1);
    migration.roundReceived(2);
    receive(SourceFrames.deviceState());
    assertThatThrownBy(() -> migration.roundReceived(3)).isInstanceOf(WireException.class);
  }

  @Test
  void longPrecopyIsNotTreatedAsSilence() throws Exception {
    mode = Mode.MODE_PRECOPY;
    receive(description(4096, 4096 * PAGES));
    for (long second = 1; second < 1000; second++) {
      migration.heard(second * SECOND);
      migration.tick(second * SECOND);
    }
    assertThat(migration.state()).isEqualTo(IncomingState.RECEIVING);
  }

  @Test
  void afterPrecopyReadyWaitsForDeviceStateAndDiscardSet() throws Exception {
    mode = Mode.MODE_HYBRID;
    receive(description(4096, 4096 * PAGES));
    receive(SourceFrames.deviceState());
    assertThat(link.last().hasReady()).isFalse();
    assertRefused(SourceFrames.run(), "RUN");
    migration.discarded(3, 5_000);
    assertThat(link.last().hasReady()).isTrue();
    receive(SourceFrames.run());
    link.later.removeFirst().run();
    assertThat(link.last().getRunning().getDiscardNanos()).isEqualTo(5_000);
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(3, 3);
    assertThat(link.last().hasCompleted()).isTrue();
  }

  @Test
  void stateThatTouchesMemoryIsLoadedAsideWhilePagesArrive() throws Exception {
    vm.loadTouchesMemory = true;
    receive(description(4096, 4096 * PAGES));
    assertThatThrownBy(migration::takesUrgentPages).hasMessageContaining("run of pages");
    receive(SourceFrames.deviceState());
    assertThat(calls).endsWith("precopy ended", "guest starts", "aside");
    assertThat(link.last().hasReady()).isFalse();
    assertThat(migration.takesUrgentPages()).isTrue();
    assertRefused(SourceFrames.run(), "RUN");
    link.aside.removeFirst().run();
    assertThat(link.last().hasReady()).as("before the control loop knows").isFalse();
    link.later.removeFirst().run();
    assertThat(link.last().hasReady()).isTrue();
    assertThat(migration.takesUrgentPages()).as("late answers").isTrue();
    receive(SourceFrames.run());
    assertThat(calls).containsSubsequence("load 7", "start");
  }

  @Test
  void stateThatTouchesMemoryIsNotLoadedBeforeOldPagesAreDiscarded() throws Exception {
    vm.loadTouchesMemory = true;
    mode = Mode.MODE_HYBRID;
    receive(description(4096, 4096 * PAGES));
    receive(SourceFrames.deviceState());
    assertThat(calls).doesNotContain("aside");
    assertThatThrownBy(migration::takesUrgentPages).hasMessageContaining("run of pages");
    migration.discarded(3, 5_000);
    assertThat(calls).endsWith("guest starts", "aside");
  }

  @Test
  void stateThatCannotBeLoadedAsideEndsTheMigration() throws Exception {
    vm.loadTouchesMemory = true;
    vm.loadProblem = "another machine";
    receive(description(4096, 4096 * PAGES));
    receive(SourceFrames.deviceState());
    link.aside.removeFirst().run();
    assertThatThrownBy(() -> link.later.removeFirst().run())
        .isInstanceOf(WireException.class)
        .hasMessage("the device state cannot be loaded: another machine");
  }

  @Test
  void vmThatBreaksWhileItLoadsAsideEndsTheMigrationToo() throws Exception {
    vm.loadTouchesMemory = true;
    vm.loadBreaks = true;
    receive(description(4096, 4096 * PAGES));
    receive(SourceFrames.deviceState());
    link.aside.removeFirst().run();
    assertThatThrownBy(() -> link.later.removeFirst().run()).hasMessage("the VM is broken");
  }

  @Test
  void stateThatIsLoadedAfterTheEndStartsNothing() throws Exception {
    vm.loadTouchesMemory = true;
    receive(description(4096, 4096 * PAGES));
    receive(SourceFrames.deviceState());
    migration.lost("the cable was cut", true, 9);
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    link.aside.removeFirst().run();
    link.later.removeFirst().run();
    assertThat(link.sent.stream().anyMatch(Frame::hasReady)).isFalse();
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
  }

  @Test
  void withContinueReadyIsImmediateAndCompletionWaitsForTheStaleSet() throws Exception {
    mode = Mode.MODE_HYBRID;
    placement = Placement.PLACEMENT_CONTINUE;
    receive(description(4096, 4096 * PAGES));
    receive(SourceFrames.deviceState());
    assertThat(link.last().hasReady()).isTrue();
    receive(SourceFrames.run());
    link.later.removeFirst().run();
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(2, 2);
    assertThat(link.last().hasCompleted()).isFalse();
    migration.staleKnown(2);
    assertThat(link.last().hasCompleted()).isTrue();
  }

  @Test
  void placementContinueRefusesAnonymousMemory() {
    placement = Placement.PLACEMENT_CONTINUE;
    vm.ram = anonymous;
    assertRefused(description(4096, 4096 * PAGES), "a second mapping");
    assertThat(calls).doesNotContain("register");
  }

  @Test
  void unknownModesAndPlacementsAreRefused() {
    mode = Mode.MODE_UNSPECIFIED;
    assertRefused(description(4096, 4096 * PAGES), "unknown mode 0");
    mode = Mode.MODE_POSTCOPY;
    placement = Placement.PLACEMENT_UNSPECIFIED;
    assertRefused(description(4096, 4096 * PAGES), "unknown placement 0");
    assertThat(calls).isEmpty();
  }

  private void untilReady() throws WireException {
    receive(Frame.newBuilder().setPing(Ping.newBuilder().setSourceNanos(3)));
    assertThat(link.last().getPong().getSourceNanos()).isEqualTo(3);
    receive(description(4096, 4096 * PAGES));
    assertThat(link.last().hasMemoryPrepared()).isTrue();
    receive(SourceFrames.deviceState());
    assertThat(link.last().hasReady()).isTrue();
  }

  private void untilRunning() throws WireException {
    untilReady();
    receive(SourceFrames.run());
    link.later.removeFirst().run();
  }

  private void receive(Frame.Builder frame) throws WireException {
    migration.received(frame.build(), 1);
  }

  private void assertRefused(Frame.Builder frame, String reason) {
    assertThatThrownBy(() -> receive(frame))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(reason);
  }

  private Frame.Builder description(long pageBytes, long sizeBytes) {
    return SourceFrames.description(mode, placement, pageBytes, sizeBytes);
  }
}
