package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Pong;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The states up to the commit point, and what is refused once the migration has left them. */
final class OutgoingHandoverTest {
  private final MemoryRegion ram =
      MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, 16 * 4096);
  private final FakeVm vm = new FakeVm(List.of(ram));
  private final RecordingLink link = new RecordingLink();
  private @Nullable OutgoingState ended;
  private final OutgoingHandover handover =
      new OutgoingHandover(
          vm,
          new OutgoingRegions(vm.regions(), Placement.COPY),
          new SourceSettings(InetSocketAddress.createUnresolved("127.0.0.1", 1)),
          link,
          new OutgoingTimes(),
          () -> 0,
          OwnershipLog.NONE,
          this::ofMigration,
          1);

  private OutgoingState ofMigration() {
    return ended == null ? handover().state() : ended;
  }

  private OutgoingHandover handover() {
    return handover;
  }

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void vmIsDescribedOnceTheClocksAreCompared() throws Exception {
    prepare();
    assertThat(link.sent.getLast().hasVmDescription()).isTrue();
    handover.memoryPrepared(2);
    assertThat(handover.state()).isEqualTo(OutgoingState.SWITCHOVER); // mode postcopy: no rounds
  }

  @Test
  void memoryIsNotPreparedBeforeTheVmIsDescribed() {
    assertThatThrownBy(() -> handover.memoryPrepared(2))
        .isInstanceOf(WireException.class)
        .hasMessage("an unexpected MEMORY_PREPARED during SETUP");
  }

  @Test
  void stateOfTheVmIsSentBeforeReadyIsAccepted() throws Exception {
    prepare();
    handover.memoryPrepared(2);
    assertThatThrownBy(handover::checkReady).isInstanceOf(WireException.class);
    handover.step(() -> 3);
    handover.checkReady();
  }

  @Test
  void nothingIsAcceptedOnceTheMigrationHasEnded() throws Exception {
    prepare();
    ended = OutgoingState.FAILED;
    assertThatThrownBy(() -> handover.memoryPrepared(2))
        .hasMessage("an unexpected MEMORY_PREPARED during FAILED");
    assertThatThrownBy(() -> handover.pong(pong(), 2)).isInstanceOf(WireException.class);
    assertThatThrownBy(handover::checkReady).hasMessage("an unexpected READY during FAILED");
    int sent = link.sent.size();
    handover.step(() -> 3);
    assertThat(link.sent).hasSize(sent);
  }

  private void prepare() throws WireException {
    handover.connected(new Heartbeats(0, 0, 1), 1);
    while (!handover.clockOffset().isMeasured()) {
      handover.pong(pong(), 2);
    }
  }

  private Pong pong() {
    Frame last = link.sent.getLast();
    return Pong.newBuilder()
        .setSourceNanos(last.getPing().getSourceNanos())
        .setDestinationNanos(5)
        .build();
  }
}
