package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which events reach the state machine, and what is known of it afterwards. */
@EnabledOnOs(OS.LINUX)
final class OutgoingDispatcherTest {
  private final MemoryRegion ram =
      MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, 16 * 4096);
  private final NodeEnvironment environment = new Transport();
  private final OutgoingLoops loops = OutgoingLoops.start(environment, Polling.BLOCK);
  private final FakeVm vm = new FakeVm(List.of(ram));
  private final OutgoingRegions regions = new OutgoingRegions(vm.regions(), Placement.COPY);
  private final SourceSettings settings =
      new SourceSettings(InetSocketAddress.createUnresolved("127.0.0.1", 1));
  private final ReconnectSchedule schedule = new ReconnectSchedule(1, 0, () -> 0);
  private final OutgoingCounters counters = new OutgoingCounters();
  private final RecordingLink link = new RecordingLink();
  private final OutgoingMigration migration =
      new OutgoingMigration(vm, regions, settings, link, () -> 0, schedule, OwnershipLog.NONE, 1);
  private final OutgoingDispatcher dispatcher = new OutgoingDispatcher(loops, () -> 7);
  private final OutgoingSession session = new OutgoingSession();

  @BeforeEach
  void begin() {
    OutgoingReporter reporter = new OutgoingReporter(migration, regions, counters, schedule);
    RateLimit limit = new RateLimit(1);
    dispatcher.begin(
        migration,
        reporter,
        new PublishedProgress(regions, counters, limit, schedule, reporter.report(7)));
    dispatcher.replaceSession(session);
  }

  @AfterEach
  void close() {
    environment.close();
    ram.close();
  }

  @Test
  void lossOfTheCurrentSessionReachesTheStateMachineFromAnyThread() {
    dispatcher.closed(session, "the connection", new IOException("cut"));
    untilHandled();
    assertThat(dispatcher.state()).isEqualTo(OutgoingState.FAILED);
    assertThat(dispatcher.published().progress(7).report().error()).contains("cut");
  }

  @Test
  void lossOfAnEarlierSessionIsIgnored() {
    dispatcher.closed(new OutgoingSession(), "the connection", new IOException("cut"));
    untilHandled();
    assertThat(dispatcher.state()).isEqualTo(OutgoingState.SETUP);
  }

  @Test
  void receiverThatBreaksFailsTheMigrationOfAnySession() {
    dispatcher.closed(
        new OutgoingSession(), "the connection", new IllegalStateException("no such region"));
    untilHandled();
    assertThat(dispatcher.state()).isEqualTo(OutgoingState.FAILED);
  }

  @Test
  void taskThatThrowsFailsTheMigration() {
    Runnable task =
        dispatcher.guarded(
            () -> {
              throw new AssertionError("a bit is lost");
            });
    loops.bulk().submit(task).syncUninterruptibly();
    untilHandled();
    assertThat(dispatcher.published().progress(7).report().error())
        .startsWith("internal error at the source: ")
        .contains("a bit is lost");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void migrationEndsEvenIfItsEndIsBroken(boolean lost) {
    link.broken = true;
    if (lost) {
      dispatcher.closed(session, "the connection", new IOException("cut"));
    } else {
      dispatcher.failed("cut");
    }
    untilHandled();
    assertThat(dispatcher.result())
        .completesExceptionallyWithin(Duration.ZERO)
        .withThrowableThat()
        .withMessageContainingAll("cut", "internal error at the source", "part of the link");
  }

  @Test
  void requestIsRefusedBeforeTheCommitPointAndIgnoredOfAnEarlierSession() throws Exception {
    assertThatThrownBy(() -> dispatcher.requested(session, 0, 0))
        .isInstanceOf(WireException.class)
        .hasMessage("an unexpected page request during SETUP");
    dispatcher.requested(new OutgoingSession(), 0, 0);
  }

  private void untilHandled() {
    loops.control().submit(() -> {}).syncUninterruptibly();
  }
}
