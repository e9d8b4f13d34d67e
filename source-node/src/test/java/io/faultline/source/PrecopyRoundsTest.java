package io.faultline.source;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.WireException;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.MemoryPrepared;
import io.faultline.proto.wire.Pong;
import io.faultline.proto.wire.RoundReceived;
import io.faultline.uffd.linux.LinuxKernel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Modes with precopy rounds, up to the device state. */
@EnabledOnOs(OS.LINUX)
final class PrecopyRoundsTest {
  private static final int PAGES = 64;
  private static final long SECOND = 1_000_000_000L;

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096);
  private final FakeVm vm = new FakeVm(List.of(ram));
  private final RecordingLink link = new RecordingLink();
  private OutgoingRegions regions = new OutgoingRegions(vm.regions(), Placement.COPY);
  private long now = 1;
  private long bytesSent;

  private int silenceMillis;

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void hybridSwitchesOverAfterOneRound() throws Exception {
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, PrecopySettings.DEFAULT);
    assertThat(migration.state()).isEqualTo(OutgoingState.PRECOPY);
    assertThat(vm.calls).containsExactly("log");
    assertThat(link.bulk).containsExactly("round 1");
    roundSent();
    vm.log.dirty(3);
    received(migration, 1);
    assertThat(migration.state()).isEqualTo(OutgoingState.SWITCHOVER);
    vm.log.dirty(5);
    migration.switchover(() -> now);
    assertThat(vm.calls).containsExactly("log", "collect", "pause", "collect", "state");
    assertThat(link.bulk).containsExactly("round 1", "discards");
    assertThat(regions.stalePages()).isEqualTo(5);
    assertThat(regions.get(0).sent().count()).isEqualTo(PAGES - 5);
  }

  @Test
  void silentDestinationFailsTheMigrationDuringARound() throws Exception {
    silenceMillis = 3000;
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, PrecopySettings.DEFAULT);
    int pings = 0;
    for (int i = 0; i < 20; i++) {
      link.sent.clear();
      tick(migration);
      if (link.sent.stream().anyMatch(Frame::hasPing)) {
        pings++;
        migration.peerAlive(now);
        migration.received(
            Frame.newBuilder().setPong(Pong.getDefaultInstance()).build(), now); // no sample
      }
    }
    assertThat(migration.state())
        .as("a slow round is not silence")
        .isEqualTo(OutgoingState.PRECOPY);
    assertThat(pings).isBetween(5, 10);
    for (int i = 0; i < 7; i++) {
      tick(migration);
    }
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(migration.error()).contains("silent");
  }

  private void tick(OutgoingMigration migration) {
    now += 500_000_000L;
    migration.tick(now);
  }

  @Test
  void roundsContinueWhileTheyConverge() throws Exception {
    PrecopySettings settings =
        PrecopySettings.DEFAULT.withMaxRounds(PrecopySettings.WHILE_CONVERGING);
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, settings);
    for (int dirty = 32; dirty > 1; dirty /= 2) {
      roundSent();
      vm.log.dirty(dirty);
      received(migration, migration.handover().rounds().count());
    }
    assertThat(migration.state()).isEqualTo(OutgoingState.PRECOPY);
    assertThat(migration.handover().rounds().count()).isEqualTo(6);
    roundSent();
    vm.log.dirty(2);
    received(migration, 6);
    assertThat(migration.state()).isEqualTo(OutgoingState.SWITCHOVER);
  }

  @Test
  void precopySendsTheRemainingPagesBeforeTheDeviceState() throws Exception {
    link.takesStateParts = true; // which would arrive before the pages
    OutgoingMigration migration = prepared(MigrationMode.PRECOPY, PrecopySettings.DEFAULT);
    roundSent();
    vm.log.dirty(2);
    received(migration, 1);
    migration.switchover(() -> now);
    assertThat(vm.calls).containsExactly("log", "collect", "pause", "collect");
    assertThat(link.bulk).containsExactly("round 1", "round 2");
    assertThat(link.last().hasDeviceState()).isFalse();
    roundSent();
    received(migration, 2);
    migration.switchover(() -> now);
    assertThat(link.last().getDeviceState().getState().toStringUtf8()).isEqualTo("state");
    assertThat(link.sent).noneMatch(Frame::hasDeviceStatePart);
    assertThat(regions.stalePages()).isZero();
  }

  @Test
  void precopyWithoutPostcopyFailsAndTheVmKeepsRunning() throws Exception {
    PrecopySettings settings =
        PrecopySettings.DEFAULT.withDowntimeLimit(Duration.ofNanos(1)).withoutPostcopy();
    OutgoingMigration migration = prepared(MigrationMode.PRECOPY, settings);
    for (int round = 1; round <= 3 && !migration.state().isFinal(); round++) {
      roundSent();
      vm.log.dirty(PAGES);
      received(migration, round);
    }
    assertThat(migration.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(migration.error()).contains("does not converge");
    assertThat(vm.calls).doesNotContain("pause", "resume").endsWith("unlog");
  }

  @Test
  void roundEndsEarlyWhenItsTimeIsUp() throws Exception {
    PrecopySettings settings = PrecopySettings.DEFAULT.withMaxTime(Duration.ofSeconds(2));
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, settings);
    migration.tick(now + SECOND);
    assertThat(link.bulk).containsExactly("round 1");
    migration.tick(now + 2 * SECOND);
    migration.tick(now + 3 * SECOND);
    assertThat(link.bulk).containsExactly("round 1", "cut");
    regions.get(0).dirty().clear(0, 10);
    received(migration, 1);
    migration.switchover(() -> now);
    assertThat(regions.stalePages()).isEqualTo(PAGES - 10);
  }

  @Test
  void userCanSwitchOverImmediately() throws Exception {
    PrecopySettings settings =
        PrecopySettings.DEFAULT.withMaxRounds(PrecopySettings.WHILE_CONVERGING);
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, settings);
    migration.switchOverNow(now);
    roundSent();
    vm.log.dirty(1);
    received(migration, 1);
    assertThat(migration.state()).isEqualTo(OutgoingState.SWITCHOVER);
  }

  @Test
  void pausedRoundIsFollowedByNothingUntilTheUserResumes() throws Exception {
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, PrecopySettings.DEFAULT);
    migration.handover().rounds().pause(now);
    roundSent();
    vm.log.dirty(1);
    received(migration, 1);
    assertThat(migration.state()).isEqualTo(OutgoingState.PRECOPY);
    now += 3600L * 1_000_000_000;
    migration.resumeBulk(now);
    assertThat(migration.state()).isEqualTo(OutgoingState.SWITCHOVER);
    assertThat(migration.error()).isNull();
  }

  @Test
  void pausedRoundIsFollowedByTheSwitchoverThatTheUserRequests() throws Exception {
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, PrecopySettings.DEFAULT);
    migration.handover().rounds().pause(now);
    roundSent();
    received(migration, 1);
    assertThat(migration.state()).isEqualTo(OutgoingState.PRECOPY);
    migration.switchOverNow(now);
    assertThat(migration.state()).isEqualTo(OutgoingState.SWITCHOVER);
  }

  @Test
  void pagesWrittenDuringAPauseCountNeitherForTheDirtyRateNorForConvergence() throws Exception {
    PrecopySettings converging =
        PrecopySettings.DEFAULT.withMaxRounds(PrecopySettings.WHILE_CONVERGING);
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, converging);
    migration.handover().rounds().pause(now);
    roundSent();
    vm.log.dirty(PAGES); // all of them: more than the round sent
    now += 3600L * 1_000_000_000;
    migration.resumeBulk(now);
    received(migration, 1);
    assertThat(migration.state()).isEqualTo(OutgoingState.PRECOPY);
    assertThat(migration.handover().rounds().dirtyBytesPerSecond()).isEqualTo(-1);
    roundSent();
    vm.log.dirty(PAGES);
    received(migration, 2);
    assertThat(migration.state()).as("does not converge").isEqualTo(OutgoingState.SWITCHOVER);
    assertThat(migration.handover().rounds().dirtyBytesPerSecond()).isPositive();
  }

  @Test
  void failureDuringARoundOnlyStopsTheDirtyLog() throws Exception {
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, PrecopySettings.DEFAULT);
    migration.failed("the cable was cut", now);
    assertThat(vm.calls).containsExactly("log", "unlog");
  }

  @Test
  void dirtyLogIsSampledDuringHybridRounds() throws Exception {
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, PrecopySettings.DEFAULT);
    roundSent();
    vm.log.dirty(40);
    migration.tick(now);
    assertThat(regions.get(0).dirty().count()).as("sampled pages are dirty").isEqualTo(40);
    for (int i = 0; i < 20; i++) {
      vm.log.dirty(10);
      migration.tick(now);
    }
    received(migration, 1);
    vm.log.dirty(4);
    migration.switchover(() -> now);
    assertThat(regions.get(0).hot(0).count()).isEqualTo(4);
    assertThat(regions.get(0).hot(1).count()).isEqualTo(10);
    assertThat(regions.get(0).hot(2).count()).isEqualTo(40);
    assertThat(regions.stalePages()).isEqualTo(40);
  }

  @Test
  void dirtyLogIsNotSampledDuringPrecopyRounds() throws Exception {
    OutgoingMigration precopy = prepared(MigrationMode.PRECOPY, PrecopySettings.DEFAULT);
    precopy.tick(now);
    assertThat(vm.calls).containsExactly("log");
  }

  @Test
  void unexpectedEndOfARoundIsRefused() throws Exception {
    OutgoingMigration migration = prepared(MigrationMode.HYBRID, PrecopySettings.DEFAULT);
    assertThatThrownBy(() -> received(migration, 2)).isInstanceOf(WireException.class);
    roundSent();
    received(migration, 1);
    assertThatThrownBy(() -> received(migration, 1)).isInstanceOf(WireException.class);
  }

  @Test
  void roundMarksPagesCleanBeforeItReadsThem() {
    RecordingSink sink = new RecordingSink(PAGES);
    OutgoingCounters counters = new OutgoingCounters();
    fill(ram, 3);
    PrecopyRound round = new PrecopyRound(regions, Placement.COPY, true, sink, counters);
    while (round.sendNext() > 0) {
      assertThat(regions.get(0).dirty().count()).isLessThan(PAGES);
    }
    assertThat(sink.runs).containsExactly("zero 0:0+3", "data 0:3+1", "zero 0:4+60");
    assertThat(regions.dirtyBytes()).isZero();
  }

  @Test
  void firstRoundSendsNoZeroPagesWithContinue() {
    regions = new OutgoingRegions(vm.regions(), Placement.CONTINUE);
    RecordingSink sink = new RecordingSink(PAGES);
    OutgoingCounters counters = new OutgoingCounters();
    fill(ram, 3);
    PrecopyRound first = new PrecopyRound(regions, Placement.CONTINUE, true, sink, counters);
    while (first.sendNext() > 0) {}
    assertThat(sink.runs).containsExactly("data 0:3+1");
    // Later rounds must send them: the destination may have older data there.
    regions.get(0).dirty().set(3, 5);
    ram.guest().data().set(JAVA_BYTE, 3 * 4096L, (byte) 0);
    PrecopyRound second = new PrecopyRound(regions, Placement.CONTINUE, false, sink, counters);
    while (second.sendNext() > 0) {}
    assertThat(sink.runs).endsWith("zero 0:3+2");
    assertThat(counters.precopyZeroPages.sum()).isEqualTo(PAGES - 1 + 2);
  }

  private OutgoingMigration prepared(MigrationMode mode, PrecopySettings precopy)
      throws WireException {
    SourceSettings settings =
        new SourceSettings(new InetSocketAddress(0)).withMode(mode).withPrecopy(precopy);
    OutgoingMigration migration =
        new OutgoingMigration(
            vm,
            regions,
            settings,
            link,
            () -> bytesSent,
            new ReconnectSchedule(1, 0, () -> 0),
            OwnershipLog.NONE,
            now);
    migration.connected(new Heartbeats(silenceMillis, 0, now), now);
    while (link.last().hasPing()) {
      long sent = link.last().getPing().getSourceNanos();
      Pong pong = Pong.newBuilder().setSourceNanos(sent).setDestinationNanos(sent).build();
      migration.received(Frame.newBuilder().setPong(pong).build(), ++now);
    }
    assertThat(link.last().getVmDescription().getMode()).isEqualTo(mode.wire());
    MemoryPrepared memory = MemoryPrepared.getDefaultInstance();
    migration.received(Frame.newBuilder().setMemoryPrepared(memory).build(), ++now);
    return migration;
  }

  /** All dirty pages are sent, one page per microsecond. */
  private void roundSent() {
    bytesSent += regions.dirtyBytes();
    now += regions.get(0).dirty().count() * 1000;
    regions.get(0).dirty().clear(0, PAGES);
  }

  private void received(OutgoingMigration migration, int round) throws WireException {
    RoundReceived frame = RoundReceived.newBuilder().setRound(round).build();
    migration.received(Frame.newBuilder().setRoundReceived(frame).build(), now);
  }

  private static void fill(MemoryRegion region, long page) {
    region.guest().data().set(JAVA_BYTE, page * 4096L, (byte) 1);
  }
}
