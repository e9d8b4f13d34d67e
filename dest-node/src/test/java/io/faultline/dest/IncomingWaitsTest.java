package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.PeerWait;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.Placement;
import io.faultline.uffd.linux.LinuxKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A source whose connections stay open and that does not take its next step, in each state. */
@EnabledOnOs(OS.LINUX)
final class IncomingWaitsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int PAGES = 16;

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096);
  private final List<String> calls = new ArrayList<>();
  private final RecordingLink link = new RecordingLink(calls);
  private final IncomingCounters counters = new IncomingCounters();
  private long now = SECOND;
  private IncomingMigration migration = migration(3000, 3000);

  /**
   * @param silenceMillis of this side; 0 for no heartbeats
   * @param peerMillis the same of the source
   */
  private IncomingMigration migration(int silenceMillis, int peerMillis) {
    PeerTimeouts timeouts = new PeerTimeouts(Duration.ofMillis(silenceMillis), Duration.ZERO);
    SourceLiveness source = new SourceLiveness(timeouts, false, peerMillis, now);
    return new IncomingMigration(new RecordingVm(calls, ram), link, counters, source, now);
  }

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void sourceThatDoesNotDescribeTheVmEndsTheMigration() {
    assertThat(secondsUntilStateChanges(true)).isEqualTo(130);
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    assertThat(migration.report(now).error())
        .isEqualTo("the source took longer than 130 s to describe the VM and send its state");
  }

  @Test
  void sourceThatDoesNotSendItsStateEndsTheMigration() throws Exception {
    receive(description(Mode.MODE_POSTCOPY));
    assertThat(secondsUntilStateChanges(true)).isEqualTo(130);
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    assertThat(calls).endsWith("unregister incomplete", "ended");
  }

  @ParameterizedTest
  @CsvSource({"3000,15", "100,15", "10000,50", "0,130"})
  void sourceThatIsSilentDuringPrecopyEndsTheMigration(int peerMillis, long seconds)
      throws Exception {
    migration = migration(3000, peerMillis);
    receive(description(Mode.MODE_HYBRID));
    assertThat(secondsUntilStateChanges(false)).isEqualTo(seconds);
    assertThat(migration.state()).isEqualTo(IncomingState.FAILED);
    assertThat(migration.report(now).error()).contains("silent for too long during precopy");
    assertThat(calls).endsWith("unregister incomplete", "ended");
  }

  @Test
  void sourceThatIsAliveDuringPrecopyIsReportedAndNotGivenUp() throws Exception {
    receive(description(Mode.MODE_PRECOPY));
    pass(1000, true);
    assertThat(migration.state()).isEqualTo(IncomingState.RECEIVING);
    assertThat(waiting()).isEqualTo("send pages");
    counters.precopyPages.add(3);
    pass(1, true);
    assertThat(migration.waiting(now)).isNotNull();
    assertThat(now - Objects.requireNonNull(migration.waiting(now)).sinceNanos())
        .isLessThanOrEqualTo(SECOND);
  }

  @Test
  void silenceDuringPrecopyIsReportedBeforeItEndsTheMigration() throws Exception {
    receive(description(Mode.MODE_HYBRID));
    pass(6, false);
    assertThat(Objects.requireNonNull(migration.waiting(now)))
        .isEqualTo(
            new PeerWait(
                "send anything",
                SECOND,
                "after 15 s the migration fails, and the VM continues there"));
  }

  @Test
  void timeInWhichThisSideWasStoppedIsNotSilenceOfTheSource() throws Exception {
    receive(description(Mode.MODE_HYBRID));
    now += 1000 * SECOND;
    migration.tick(now);
    assertThat(migration.state()).isEqualTo(IncomingState.RECEIVING);
  }

  @Test
  void sourceThatDoesNotHandOverTheVmIsLost() throws Exception {
    untilReady();
    pass(6, true);
    assertThat(waiting()).isEqualTo("hand over the VM");
    assertThat(secondsUntilStateChanges(true)).isEqualTo(124);
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    assertThat(calls).endsWith("disconnect").doesNotContain("abandon");
  }

  @Test
  void destinationWithoutItsSourceSaysThatItWaitsWithoutLimit() throws Exception {
    untilReady();
    migration.lost("the cable was cut", true, now);
    pass(10_000, false);
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    assertThat(Objects.requireNonNull(migration.waiting(now)).outcome())
        .contains("no limit", "only the source knows which side owns the VM", "the cable was cut");
  }

  @Test
  void runningVmIsReportedWhenNoPageArrives() throws Exception {
    untilRunning();
    pass(1000, true);
    assertThat(migration.state()).isEqualTo(IncomingState.RUNNING);
    assertThat(waiting()).isEqualTo("send pages");
  }

  @ParameterizedTest
  @CsvSource({"3000,true", "0,false"})
  void sourceThatReconnectsAndDoesNotRecoverIsLostAgain(int silenceMillis, boolean heard)
      throws Exception {
    migration = migration(silenceMillis, silenceMillis);
    untilRunning();
    migration.lost("the cable was cut", true, now);
    migration.reconnected(silenceMillis, now);
    pass(6, heard);
    assertThat(waiting()).isEqualTo("complete the recovery");
    assertThat(secondsUntilStateChanges(heard)).isEqualTo(124);
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
    assertThat(calls).endsWith("disconnect").doesNotContain("abandon");
  }

  @Test
  void sourceThatRecoversAndDoesNotSendRunIsLostAgain() throws Exception {
    untilReady();
    migration.lost("the cable was cut", true, now);
    migration.reconnected(3000, now);
    receive(SourceFrames.recover());
    migration.reported(PAGES, now);
    assertThat(migration.state()).isEqualTo(IncomingState.READY);
    assertThat(secondsUntilStateChanges(true)).isEqualTo(130);
    assertThat(migration.state()).isEqualTo(IncomingState.PAUSED);
  }

  @Test
  void sourceThatDoesNotConfirmTheEndIsNotWaitedFor() throws Exception {
    untilRunning();
    receive(SourceFrames.streamEnd(0));
    migration.bulkStreamEnded(PAGES, PAGES);
    pass(6, true);
    assertThat(waiting()).isEqualTo("confirm the end");
    assertThat(secondsUntilStateChanges(true)).isBetween(4L, 5L);
    assertThat(migration.state()).isEqualTo(IncomingState.COMPLETED);
    assertThat(migration.waiting(now)).isNull();
  }

  private String waiting() {
    return Objects.requireNonNull(migration.waiting(now)).what();
  }

  private void untilReady() throws WireException {
    receive(description(Mode.MODE_POSTCOPY));
    receive(SourceFrames.deviceState());
    assertThat(migration.state()).isEqualTo(IncomingState.READY);
  }

  private void untilRunning() throws WireException {
    untilReady();
    receive(SourceFrames.run());
    link.later.removeFirst().run();
    assertThat(migration.state()).isEqualTo(IncomingState.RUNNING);
  }

  private static Frame.Builder description(Mode mode) {
    return SourceFrames.description(mode, Placement.PLACEMENT_COPY, 4096, PAGES * 4096L);
  }

  private void receive(Frame.Builder frame) throws WireException {
    migration.received(frame.build(), now);
  }

  /** Ticks ten times a second; the source sends something every second if it is heard. */
  private void pass(long seconds, boolean heard) {
    for (long tenth = 0; tenth < 10 * seconds; tenth++) {
      now += SECOND / 10;
      if (heard && tenth % 10 == 0) {
        migration.heard(now);
      }
      migration.tick(now);
    }
  }

  private long secondsUntilStateChanges(boolean heard) {
    IncomingState before = migration.state();
    long seconds = 0;
    while (migration.state() == before && seconds < 1000) {
      pass(1, heard);
      seconds++;
    }
    return seconds - 1; // it changed during that second, just after the limit
  }
}
