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
import io.faultline.proto.wire.Heartbeat;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.Recovery;
import io.faultline.proto.wire.Running;
import io.faultline.uffd.linux.LinuxKernel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The source after the commit point: a network failure at each step. */
@EnabledOnOs(OS.LINUX)
final class OutgoingRecoveryTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;
  private static final int PAGES = 16;

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096);
  private final RecordingLink link = new RecordingLink();
  private final OutgoingRegions regions = new OutgoingRegions(List.of(ram), Placement.COPY);
  private final OutgoingTimes times = new OutgoingTimes();
  private final ReconnectSchedule schedule = new ReconnectSchedule(1, 0, () -> 0);
  private final OutgoingPostcopy postcopy =
      new OutgoingPostcopy(regions, link, times, schedule, new Heartbeats(3000, 3000, 0), () -> {});
  private long now = SECOND;

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void runIsSentAgainToADestinationThatNeverGotIt() throws Exception {
    commit();
    recover(Phase.PHASE_READY, PAGES);
    assertThat(postcopy.state()).isEqualTo(OutgoingState.POSTCOPY);
    assertThat(link.last().hasRun()).isTrue();
    assertThat(link.sent.stream().filter(Frame::hasRun)).hasSize(2);
    receive(running());
    assertThat(link.background).isTrue();
  }

  @Test
  void runIsNotSentAgainToADestinationThatRunsTheVm() throws Exception {
    commitAndRun();
    link.background = false;
    recover(Phase.PHASE_RUNNING, 4);
    assertThat(link.sent.stream().filter(Frame::hasRun)).hasSize(1);
    assertThat(link.background).isFalse();
    receive(running());
    assertThat(link.background).isTrue();
  }

  @Test
  void pagesThatTheDestinationLacksAreUnsent() throws Exception {
    commitAndRun();
    regions.get(0).sent().set(0, 10);
    recover(Phase.PHASE_RUNNING, 6);
    assertThat(regions.get(0).sent().nextClear(0)).isZero();
    assertThat(regions.unsentPages()).isEqualTo(6);
    assertThat(regions.resentPages()).as("of the six missing, all were sent").isEqualTo(6);
  }

  @Test
  void backoffRestartsIfPagesArrivedBetweenLosses() throws Exception {
    regions.markStale();
    OutgoingPostcopy quick =
        new OutgoingPostcopy(
            regions, link, times, schedule, new Heartbeats(3000, 3000, 0), () -> {});
    quick.commit(now);
    for (int left = PAGES - 1; left > PAGES - 8; left--) {
      cutAndRecover(quick, left);
      assertThat(schedule.retryNanos() - now).isLessThanOrEqualTo(50 * MILLI);
    }
    for (int i = 0; i < 3; i++) {
      cutAndRecover(quick, PAGES - 7);
    }
    assertThat(schedule.retryNanos() - now)
        .as("without new pages the backoff grows")
        .isGreaterThan(90 * MILLI);
  }

  private void cutAndRecover(OutgoingPostcopy of, int left) throws WireException {
    of.lost("the cable was cut", now);
    of.tick(schedule.retryNanos());
    of.connected(new Heartbeats(3000, 3000, now), now);
    of.received(phase(Phase.PHASE_RUNNING).build(), now);
    of.received(received(true, left, PAGES - left).build(), now);
  }

  @Test
  void failureAtAnyStepOfARecoveryStartsAnother() throws Exception {
    commitAndRun();
    lose();
    reconnect(2);
    lose();
    reconnect(3);
    connected();
    lose();
    reconnect(4);
    connected();
    receive(phase(Phase.PHASE_RUNNING));
    lose();
    reconnect(5);
    connected();
    receive(phase(Phase.PHASE_RUNNING));
    receive(received(false, 3, 3));
    lose();
    reconnect(6);
    connected();
    receive(phase(Phase.PHASE_RUNNING));
    receive(received(true, 0, PAGES));
    assertThat(postcopy.state()).isEqualTo(OutgoingState.POSTCOPY);
    assertThat(schedule.recoveries().sum()).isEqualTo(1);
  }

  @Test
  void destinationThatHasAllPagesCompletesTheMigration() throws Exception {
    commitAndRun();
    lose();
    reconnect(2);
    connected();
    assertThat(postcopy.received(phase(Phase.PHASE_COMPLETED).build(), now)).isTrue();
  }

  @Test
  void destinationThatRanTheVmMayNotReportReady() throws Exception {
    commitAndRun();
    lose();
    reconnect(2);
    connected();
    assertThatThrownBy(() -> receive(phase(Phase.PHASE_READY)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("it has run the VM");
  }

  @Test
  void silenceOfThePeerIsALossButAStallOfThisSideIsNot() throws Exception {
    commitAndRun();
    for (int i = 0; i < 40; i++) {
      tick(100 * MILLI);
      receive(Frame.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()));
    }
    assertThat(postcopy.state()).isEqualTo(OutgoingState.POSTCOPY);
    assertThat(link.sent.stream().filter(Frame::hasHeartbeat)).hasSizeBetween(3, 4);
    tick(60 * SECOND); // this side was stalled
    assertThat(postcopy.state()).isEqualTo(OutgoingState.POSTCOPY);
    for (int i = 0; i < 31; i++) {
      tick(100 * MILLI);
    }
    assertThat(postcopy.state()).isEqualTo(OutgoingState.PAUSED);
    assertThat(schedule.reason()).contains("silent");
  }

  @Test
  void destinationThatDoesNotStartTheVmIsReconnected() throws Exception {
    commit();
    now += 11 * SECOND;
    postcopy.peerAlive(now);
    postcopy.tick(now);
    assertThat(postcopy.state()).isEqualTo(OutgoingState.PAUSED);
    assertThat(link.connections).containsExactly("disconnect");
  }

  @Test
  void unexpectedFramesAreRefusedByName() throws Exception {
    commitAndRun();
    assertRefused(phase(Phase.PHASE_RUNNING), "RECOVERY");
    assertRefused(received(true, 0, PAGES), "RECEIVED");
    lose();
    assertRefused(running(), "RUNNING");
    assertRefused(completed(), "COMPLETED");
    reconnect(2);
    connected();
    assertRefused(received(true, 0, PAGES), "RECEIVED");
    assertRefused(phase(Phase.PHASE_UNSPECIFIED), "unknown phase");
    lose();
    reconnect(3);
    connected();
    receive(phase(Phase.PHASE_RUNNING));
    assertRefused(received(true, PAGES + 1), "a run of 17 received pages");
    assertRefused(received(true, -1), "a run of 18446744073709551615");
    assertRefused(received(true, 1, 1), "that end at page 2");
  }

  @Test
  void recoverableFailureOfTheDestinationCausesAReconnect() throws Exception {
    commitAndRun();
    postcopy.lost("the destination gave up: a reason", now);
    assertThat(link.last().getFailure())
        .isEqualTo(
            Failure.newBuilder()
                .setMessage("the destination gave up: a reason")
                .setRecoverable(true)
                .build());
    assertThat(link.connections).containsExactly("disconnect");
  }

  private void commit() {
    regions.markStale();
    postcopy.commit(now);
    assertThat(link.last().hasRun()).isTrue();
  }

  private void commitAndRun() throws WireException {
    commit();
    receive(running());
    assertThat(link.background).isTrue();
  }

  private void recover(Phase phase, int missing) throws WireException {
    lose();
    reconnect(schedule.attempt() + 1);
    connected();
    receive(phase(phase));
    receive(received(true, missing, PAGES - missing));
  }

  private void lose() {
    postcopy.lost("the cable was cut", now);
    assertThat(postcopy.state()).isEqualTo(OutgoingState.PAUSED);
    assertThat(link.connections).endsWith("disconnect");
  }

  private void reconnect(int attempt) {
    tick(6 * SECOND);
    assertThat(postcopy.state()).isEqualTo(OutgoingState.RECOVERING);
    assertThat(link.connections).endsWith("connect " + attempt + " to 0");
  }

  private void connected() {
    postcopy.connected(new Heartbeats(3000, 3000, now), now);
    assertThat(link.last().hasRecover()).isTrue();
  }

  private void tick(long later) {
    now += later;
    postcopy.tick(now);
  }

  private void receive(Frame.Builder frame) throws WireException {
    postcopy.received(frame.build(), now);
  }

  private void assertRefused(Frame.Builder frame, String name) {
    assertThatThrownBy(() -> receive(frame))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(name);
  }

  private static Frame.Builder running() {
    return Frame.newBuilder().setRunning(Running.newBuilder().setFirstInstructionNanos(1));
  }

  private static Frame.Builder completed() {
    return Frame.newBuilder().setCompleted(Completed.getDefaultInstance());
  }

  private static Frame.Builder phase(Phase phase) {
    return Frame.newBuilder().setRecovery(Recovery.newBuilder().setPhase(phase));
  }

  private static Frame.Builder received(boolean last, long... runs) {
    PageSet.Builder set = PageSet.newBuilder().setLast(last);
    for (long run : runs) {
      set.addRuns(run);
    }
    return Frame.newBuilder().setReceived(set);
  }
}
