package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.dest.IncomingLink.Task;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.Placement;
import io.faultline.uffd.linux.LinuxKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The state machine while a device state arrives in parts. */
@EnabledOnOs(OS.LINUX)
final class DeviceStatePartsTest {
  private static final int PAGES = 16;
  private static final ByteString FIRST = ByteString.copyFromUtf8("first ");
  private static final ByteString SECOND = ByteString.copyFromUtf8("second ");

  private final MemoryRegion ram =
      MemoryRegion.map(new LinuxKernel(), 0, "ram", Backing.SHMEM, PAGES * 4096);
  private final List<String> calls = new ArrayList<>();
  private final RecordingLink link = new RecordingLink(calls);
  private final RecordingVm vm = new RecordingVm(calls, ram);
  private final IncomingMigration migration =
      new IncomingMigration(
          vm,
          link,
          new IncomingCounters(),
          new SourceLiveness(PeerTimeouts.DEFAULT, false, 0, 1),
          1);

  @BeforeEach
  void asAQemu() {
    vm.loadTouchesMemory = true;
    vm.loadsInParts = true;
  }

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void partsAreLoadedAsTheyComeWhilePagesMayBeRequested() throws Exception {
    describe(Mode.MODE_POSTCOPY, Placement.PLACEMENT_COPY);
    assertThatThrownBy(migration::takesUrgentPages).hasMessageContaining("run of pages");
    receive(SourceFrames.statePart(FIRST));
    assertThat(calls).endsWith("precopy ended", "guest starts", "load part");
    assertThat(migration.takesUrgentPages()).isTrue();
    receive(SourceFrames.statePart(SECOND));
    receive(SourceFrames.deviceState("third"));
    assertThat(calls).endsWith("guest starts", "load part", "load part", "aside");
    assertThat(link.last().hasReady()).isFalse();
    link.aside.removeFirst().run();
    link.later.removeFirst().run();
    assertThat(vm.state).isEqualTo("first second third");
    assertThat(link.last().hasReady()).isTrue();
  }

  @Test
  void controlLoopSeesThatAStateIsLoadedElsewhere() throws Exception {
    vm.descriptor = 17;
    describe(Mode.MODE_POSTCOPY, Placement.PLACEMENT_COPY);
    receive(SourceFrames.statePart(FIRST));
    receive(SourceFrames.deviceState("rest"));
    assertThat(calls).endsWith("begin to load 7", "poll 17").doesNotContain("aside");
    polled().run();
    assertThat(link.last().hasReady()).as("before it is loaded").isFalse();
    vm.loaded = true;
    Task polled = polled();
    polled.run();
    assertThat(calls).endsWith("end polling");
    assertThat(vm.state).isEqualTo("first rest");
    assertThat(link.last().hasReady()).isTrue();
    int sent = link.sent.size();
    polled.run(); // an event that was under way
    assertThat(link.sent).hasSize(sent);
  }

  private Task polled() {
    return Objects.requireNonNull(link.polled, "nothing is polled");
  }

  @Test
  void stateThatIsLoadedAtOnceIsNotWaitedFor() throws Exception {
    vm.descriptor = 17;
    vm.loaded = true;
    describe(Mode.MODE_POSTCOPY, Placement.PLACEMENT_COPY);
    receive(SourceFrames.deviceState("all"));
    assertThat(calls).endsWith("poll 17", "end polling");
    assertThat(link.sent).filteredOn(Frame::hasReady).hasSize(1);
  }

  @Test
  void stateThatCannotBeLoadedElsewhereEndsTheMigration() throws Exception {
    vm.descriptor = 17;
    describe(Mode.MODE_POSTCOPY, Placement.PLACEMENT_COPY);
    receive(SourceFrames.deviceState("all"));
    vm.loadProblem = "another machine";
    assertThatThrownBy(polled()::run)
        .isInstanceOf(WireException.class)
        .hasMessage("the device state cannot be loaded: another machine");
  }

  @Test
  void emptyFirstPartLetsTheVmGetReady() throws Exception {
    describe(Mode.MODE_POSTCOPY, Placement.PLACEMENT_COPY);
    receive(SourceFrames.statePart(ByteString.EMPTY));
    assertThat(calls).endsWith("precopy ended", "guest starts", "load part");
    receive(SourceFrames.deviceState("all"));
    link.aside.removeFirst().run();
    assertThat(vm.state).isEqualTo("all");
  }

  @Test
  void vmThatTakesTheStateAsAWholeGetsIt() throws Exception {
    vm.loadTouchesMemory = false;
    vm.loadsInParts = false;
    describe(Mode.MODE_POSTCOPY, Placement.PLACEMENT_COPY);
    receive(SourceFrames.statePart(FIRST));
    receive(SourceFrames.statePart(SECOND));
    assertThat(calls).endsWith("register");
    receive(SourceFrames.deviceState("third"));
    assertThat(calls).endsWith("load 7", "precopy ended");
    assertThat(vm.state).isEqualTo("first second third");
    assertThat(link.last().hasReady()).isTrue();
  }

  @Test
  void noPartIsLoadedBeforeOldPagesAreDiscarded() throws Exception {
    describe(Mode.MODE_HYBRID, Placement.PLACEMENT_COPY);
    receive(SourceFrames.statePart(FIRST));
    assertThat(calls).endsWith("register");
    assertThatThrownBy(migration::takesUrgentPages).hasMessageContaining("run of pages");
    migration.discarded(3, 5_000);
    assertThat(calls).endsWith("guest starts", "load part");
    receive(SourceFrames.statePart(SECOND));
    receive(SourceFrames.deviceState("third"));
    link.aside.removeFirst().run();
    assertThat(vm.state).isEqualTo("first second third");
  }

  @Test
  void stateThatIsThereBeforeOldPagesAreDiscardedIsLoadedThen() throws Exception {
    describe(Mode.MODE_HYBRID, Placement.PLACEMENT_COPY);
    receive(SourceFrames.statePart(FIRST));
    receive(SourceFrames.deviceState("last"));
    assertThat(calls).endsWith("register");
    migration.discarded(3, 5_000);
    assertThat(calls).endsWith("guest starts", "load part", "aside");
    link.aside.removeFirst().run();
    assertThat(vm.state).isEqualTo("first last");
  }

  @Test
  void partThatCannotBeLoadedEndsTheMigration() throws Exception {
    describe(Mode.MODE_POSTCOPY, Placement.PLACEMENT_COPY);
    vm.loadProblem = "another machine";
    assertThatThrownBy(() -> receive(SourceFrames.statePart(FIRST)))
        .isInstanceOf(WireException.class)
        .hasMessage("the device state cannot be loaded: another machine");
  }

  @Test
  void partsOutOfPlaceAndStatesWithoutEndAreRefused() throws Exception {
    assertThatThrownBy(() -> receive(SourceFrames.statePart(FIRST)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("DEVICE_STATE_PART");
    describe(Mode.MODE_POSTCOPY, Placement.PLACEMENT_COPY);
    vm.loadsInParts = false;
    ByteString large = ByteString.copyFrom(new byte[ReceivingPhase.MAX_STATE_BYTES / 2]);
    receive(SourceFrames.statePart(large));
    receive(SourceFrames.statePart(large));
    assertThatThrownBy(() -> receive(SourceFrames.statePart(FIRST)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("a device state of more than 67108864 bytes");
    receive(SourceFrames.deviceState(""));
    assertThatThrownBy(() -> receive(SourceFrames.statePart(FIRST)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("DEVICE_STATE_PART");
  }

  @Test
  void precopyRoundsHaveEndedWithTheFirstPart() throws Exception {
    describe(Mode.MODE_HYBRID, Placement.PLACEMENT_CONTINUE);
    migration.roundReceived(1);
    receive(SourceFrames.statePart(FIRST));
    assertThat(calls).endsWith("precopy ended", "guest starts", "load part");
    assertThatThrownBy(() -> migration.roundReceived(2)).isInstanceOf(WireException.class);
  }

  private void describe(Mode mode, Placement placement) throws WireException {
    receive(SourceFrames.description(mode, placement, 4096, 4096 * PAGES));
  }

  private void receive(Frame.Builder frame) throws WireException {
    migration.received(frame.build(), 1);
  }
}
