package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Transport;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.control.ControlOutcome;
import io.faultline.uffd.linux.LinuxKernel;
import io.netty.channel.IoEventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Commands that come too early or too late say what happened instead. */
@EnabledOnOs(OS.LINUX)
final class OutgoingCommandsTest {
  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.ANONYMOUS, 16 * 4096);
  private final NodeEnvironment environment = new Transport();
  private final IoEventLoop loop = environment.newLoop("test");
  private final FakeVm vm = new FakeVm(List.of(ram));
  private final OutgoingRegions regions = new OutgoingRegions(vm.regions(), Placement.COPY);
  private final SourceSettings settings =
      new SourceSettings(InetSocketAddress.createUnresolved("127.0.0.1", 1));
  private final ReconnectSchedule schedule = new ReconnectSchedule(1, 0, () -> 0);
  private final RateLimit limit = new RateLimit(1);
  private final OutgoingMigration migration =
      new OutgoingMigration(
          vm, regions, settings, new RecordingLink(), () -> 0, schedule, OwnershipLog.NONE, 1);
  private final OutgoingConnector connector =
      new OutgoingConnector(
          environment,
          loop,
          loop,
          settings,
          ReconnectSettings.DEFAULT,
          MigrationIdentity.ofThisProcess());
  private final OutgoingCommands commands =
      new OutgoingCommands(migration, settings, limit, schedule, connector, () -> {});

  @AfterEach
  void close() {
    environment.close();
    ram.close();
  }

  @Test
  void beforePrecopyThereIsNothingToPauseOrToSwitchOver() {
    assertRefused(commands.pause(1), "too early");
    assertRefused(commands.switchOver(1), "too early");
    assertThat(limit.isPaused()).isFalse();
  }

  @Test
  void afterTheCommitPointTheMigrationCannotBeCancelledButSteered() {
    migration.resumeCommitted(1);
    assertRefused(commands.cancel(1), "RUN was sent; the destination owns the VM");
    assertRefused(commands.switchOver(1), "RUN was sent; the destination owns the VM");
    assertThat(commands.pause(1).done()).isTrue();
    assertThat(limit.isPaused()).isTrue();
    assertThat(commands.resume(1).done()).isTrue();
    assertThat(limit.isPaused()).isFalse();
    assertThat(commands.bandwidth(7).done()).isTrue();
    assertThat(limit.bytesPerSecond()).isEqualTo(7);
  }

  @Test
  void addressGivenDuringAnOutageIsConnectedToAtOnce() {
    migration.resumeCommitted(1);
    assertThat(migration.state()).isEqualTo(OutgoingState.PAUSED);
    ControlOutcome outcome =
        commands.addDestination(new InetSocketAddress(InetAddress.getLoopbackAddress(), 2), 1);
    assertThat(outcome.done()).isTrue();
    assertThat(migration.state()).isEqualTo(OutgoingState.RECOVERING);
    assertThat(connector.destination(schedule.address())).endsWith(":2");
  }

  @Test
  void addressThatSecurityForbidsIsRefused() {
    assertRefused(commands.addDestination(new InetSocketAddress("10.0.0.1", 2), 1), "loopback");
  }

  @Test
  void migrationThatHasEndedTakesNoCommand() {
    assertThat(commands.cancel(1).done()).isTrue();
    for (ControlOutcome each :
        List.of(
            commands.cancel(1),
            commands.pause(1),
            commands.resume(1),
            commands.switchOver(1),
            commands.bandwidth(1),
            commands.addDestination(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 2), 1))) {
      assertRefused(each, "too late: the migration was cancelled");
    }
  }

  private static void assertRefused(ControlOutcome outcome, String why) {
    assertThat(outcome.done()).isFalse();
    assertThat(outcome.message()).contains(why);
  }
}
