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
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.MemoryPrepared;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.Pong;
import io.faultline.proto.wire.Ready;
import io.faultline.proto.wire.Recovery;
import io.faultline.proto.wire.RoundReceived;
import io.faultline.proto.wire.Running;
import io.faultline.uffd.linux.LinuxKernel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A destination whose connections stay open and that does not answer, in each state. */
@EnabledOnOs(OS.LINUX)
final class OutgoingWaitsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int PAGES = 16;

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096);
  private final FakeVm vm = new FakeVm(List.of(ram));
  private final RecordingLink link = new RecordingLink();
  private final OutgoingRegions regions = new OutgoingRegions(vm.regions(), Placement.COPY);
  private final ReconnectSchedule schedule = new ReconnectSchedule(1, 0, () -> 0);
  private int silenceMillis = 3000;
  private long now = SECOND;
  private OutgoingMigration migration = migration(MigrationMode.POSTCOPY);

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void destinationThatNeverConnectsFailsTheMigration() {
    pass(6, true);
    assertThat(waiting()).isEqualTo("accept its connections");
    assertThat(secondsUntilTheEnd(true)).isEqualTo(114);
    assertVmContinuesHere("took longer than 120 s to accept its connections");
  }

  @Test
  void destinationThatDoesNotAnswerPingsInSetupFailsTheMigration() {
    connect();
    pass(6, true);
    assertThat(waiting()).isEqualTo("answer");
    assertThat(secondsUntilTheEnd(true)).isEqualTo(114);
    assertVmContinuesHere("took longer than 120 s to answer");
  }

  @Test
  void destinationThatDoesNotPrepareMemoryFailsTheMigration() throws Exception {
    untilDescribed();
    pass(6, true);
    assertThat(waiting()).isEqualTo("prepare its memory");
    assertThat(secondsUntilTheEnd(true)).isEqualTo(114);
    assertVmContinuesHere("took longer than 120 s to prepare its memory");
  }

  @ParameterizedTest
  @CsvSource({"3000,3", "0,120"})
  void destinationThatIsSilentDuringARoundFailsTheMigration(int silence, long seconds)
      throws Exception {
    silenceMillis = silence;
    migration = migration(MigrationMode.HYBRID);
    untilPrepared();
    assertThat(secondsUntilTheEnd(false)).isEqualTo(seconds);
    assertVmContinuesHere("silent for too long");
  }

  @Test
  void withoutHeartbeatsTheDestinationIsPingedSeldomDuringRounds() throws Exception {
    silenceMillis = 0;
    migration = migration(MigrationMode.HYBRID);
    untilPrepared();
    link.sent.clear();
    pass(119, false);
    assertThat(link.sent.stream().filter(Frame::hasPing)).hasSize(2);
  }

  @Test
  void destinationThatDoesNotConfirmARoundFailsTheMigration() throws Exception {
    migration = migration(MigrationMode.HYBRID);
    untilPrepared();
    pass(1000, true); // the round is long, or its user has paused it
    assertThat(migration.state()).isEqualTo(OutgoingState.PRECOPY);
    assertThat(migration.waiting(now)).as("nothing but the source itself").isNull();
    migration.handover().rounds().sent(1, now);
    pass(6, true);
    assertThat(waiting()).isEqualTo("confirm precopy round 1");
    assertThat(secondsUntilTheEnd(true)).isEqualTo(114);
    assertVmContinuesHere("took longer than 120 s to confirm precopy round 1");
  }

  @Test
  void roundThatWasConfirmedBeforeItsEndWasNoticedIsNotWaitedFor() throws Exception {
    migration = migration(MigrationMode.PRECOPY);
    untilPrepared();
    vm.log.dirty(PAGES);
    receive(Frame.newBuilder().setRoundReceived(RoundReceived.newBuilder().setRound(1)));
    migration.handover().rounds().sent(1, now);
    pass(200, true);
    assertThat(migration.state().isFinal()).isFalse();
  }

  @Test
  void destinationThatDoesNotBecomeReadyFailsTheMigration() throws Exception {
    untilPrepared();
    migration.switchover(() -> now);
    pass(6, true);
    assertThat(waiting()).isEqualTo("be ready to run the VM");
    assertThat(secondsUntilTheEnd(true)).isEqualTo(4);
    assertVmContinuesHere("took longer than 10 s to be ready to run the VM");
    assertThat(vm.calls).endsWith("resume");
  }

  @Test
  void destinationThatDoesNotRunTheVmIsReconnected() throws Exception {
    untilCommitted();
    pass(6, true);
    assertThat(waiting()).isEqualTo("run the VM");
    assertThat(secondsUntilTheEnd(true)).isEqualTo(4);
    assertPaused();
  }

  @Test
  void destinationThatDoesNotConfirmTheEndIsReconnected() throws Exception {
    untilRunning();
    pass(1000, true);
    assertThat(migration.state()).as("sending may take long").isEqualTo(OutgoingState.POSTCOPY);
    migration.backgroundDone(PAGES, now);
    pass(6, true);
    assertThat(waiting()).isEqualTo("confirm that it has every page");
    assertThat(secondsUntilTheEnd(true)).isEqualTo(114);
    assertPaused();
    assertThat(schedule.reason()).contains("took longer than 120 s to confirm");
  }

  @Test
  void destinationThatCannotBeReachedIsReportedWithTheReason() throws Exception {
    untilRunning();
    migration.lost("the cable was cut", now);
    pass(1000, false);
    assertThat(waiting()).isEqualTo("accept its connections again");
    assertThat(Objects.requireNonNull(migration.waiting(now)).outcome())
        .isEqualTo("trying again, as long as it takes (the cable was cut)");
    assertThat(migration.state()).isEqualTo(OutgoingState.RECOVERING);
  }

  @Test
  void destinationThatDoesNotReportItsPhaseIsReconnected() throws Exception {
    untilReconnected();
    pass(6, true);
    assertThat(waiting()).isEqualTo("say in which phase it is");
    assertThat(secondsUntilTheEnd(true)).isEqualTo(4);
    assertPaused();
  }

  @Test
  void destinationThatDoesNotReportItsPagesIsReconnected() throws Exception {
    untilReconnected();
    receive(phase());
    pass(6, true);
    assertThat(waiting()).isEqualTo("report the pages that it has");
    assertThat(secondsUntilTheEnd(true)).isEqualTo(4);
    assertPaused();
  }

  @Test
  void reportWithoutProgressIsRefused() throws Exception {
    untilReconnected();
    receive(phase());
    PageSet.Builder nothing = PageSet.newBuilder().addRuns(0).addRuns(0);
    assertThatThrownBy(() -> receive(Frame.newBuilder().setReceived(nothing)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("covers no page");
  }

  @Test
  void nothingIsWaitedForAfterTheEnd() throws Exception {
    untilRunning();
    migration.backgroundDone(PAGES, now);
    receive(Frame.newBuilder().setCompleted(Completed.getDefaultInstance()));
    assertThat(migration.waiting(now + 1000 * SECOND)).isNull();
  }

  private String waiting() {
    return Objects.requireNonNull(migration.waiting(now)).what();
  }

  private void assertVmContinuesHere(String error) {
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(migration.isCommitted()).isFalse();
    assertThat(migration.error()).contains(error);
  }

  private void assertPaused() {
    assertThat(migration.state()).isEqualTo(OutgoingState.PAUSED);
    assertThat(link.connections).endsWith("disconnect");
    assertThat(vm.calls).doesNotContain("resume");
  }

  private OutgoingMigration migration(MigrationMode mode) {
    SourceSettings settings = new SourceSettings(new InetSocketAddress(0)).withMode(mode);
    return new OutgoingMigration(
        vm, regions, settings, link, () -> 0, schedule, OwnershipLog.NONE, now);
  }

  private void connect() {
    migration.connected(new Heartbeats(silenceMillis, silenceMillis, now), now);
  }

  private void untilDescribed() throws WireException {
    connect();
    while (link.last().hasPing()) {
      long sent = link.last().getPing().getSourceNanos();
      receive(Frame.newBuilder().setPong(Pong.newBuilder().setSourceNanos(sent)));
    }
    assertThat(link.last().hasVmDescription()).isTrue();
  }

  private void untilPrepared() throws WireException {
    untilDescribed();
    receive(Frame.newBuilder().setMemoryPrepared(MemoryPrepared.getDefaultInstance()));
  }

  private void untilCommitted() throws WireException {
    untilPrepared();
    migration.switchover(() -> now);
    receive(Frame.newBuilder().setReady(Ready.getDefaultInstance()));
    assertThat(migration.isCommitted()).isTrue();
  }

  private void untilRunning() throws WireException {
    untilCommitted();
    receive(Frame.newBuilder().setRunning(Running.newBuilder().setFirstInstructionNanos(1)));
  }

  private void untilReconnected() throws WireException {
    untilRunning();
    migration.lost("the cable was cut", now);
    pass(6, false);
    assertThat(migration.state()).isEqualTo(OutgoingState.RECOVERING);
    connect();
  }

  private static Frame.Builder phase() {
    return Frame.newBuilder().setRecovery(Recovery.newBuilder().setPhase(Phase.PHASE_RUNNING));
  }

  private void receive(Frame.Builder frame) throws WireException {
    migration.received(frame.build(), now);
  }

  /** Ticks ten times a second; the destination sends something each time if it is alive. */
  private void pass(long seconds, boolean alive) {
    for (long tenth = 0; tenth < 10 * seconds; tenth++) {
      now += SECOND / 10;
      if (alive) {
        migration.peerAlive(now);
      }
      migration.tick(now);
    }
  }

  /** Passes time until the migration ends or its connections are closed. */
  private long secondsUntilTheEnd(boolean alive) {
    int closed = link.connections.size();
    long start = now;
    while (!link.ended && link.connections.size() == closed && now - start < 1000 * SECOND) {
      now += SECOND / 10;
      if (alive) {
        migration.peerAlive(now);
      }
      migration.tick(now);
    }
    return (now - start) / SECOND; // it ended just after the limit
  }
}
