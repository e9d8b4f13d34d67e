package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Goodbye;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.Placement;
import io.faultline.proto.wire.Recover;
import io.faultline.proto.wire.Region;
import io.faultline.proto.wire.Run;
import io.faultline.proto.wire.StreamEnd;
import io.faultline.proto.wire.VmDescription;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;

/**
 * Whatever a source says, in whatever order, with connections that come and go: the VM is started
 * at most once, and only by RUN in READY, and nothing else than a refusal comes of a lie.
 */
final class IncomingMigrationFuzzTest {
  private static final int PAGES = 16;
  private static final int MOST_EVENTS = 64;
  private static final int KINDS = 16;

  @FuzzTest(maxDuration = "5s")
  void whateverASourceSaysIsInPlaceOrRefused(FuzzedDataProvider input) {
    try (MemoryRegion ram =
        MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.SHMEM, PAGES * 4096L)) {
      Play play = new Play(ram);
      for (int i = 0; i < MOST_EVENTS && input.remainingBytes() > 0; i++) {
        play.next(input);
        play.check();
      }
    }
  }

  /** One migration. */
  private static final class Play implements IncomingVm {
    private final MemoryRegion ram;
    private final List<String> calls = new ArrayList<>();
    private final RecordingLink link = new RecordingLink(calls);
    private final IncomingMigration migration =
        new IncomingMigration(
            this,
            link,
            new IncomingCounters(),
            new SourceLiveness(PeerTimeouts.DEFAULT, false, 3000, 1),
            1);
    private long now = 1;
    private boolean runIsDue;
    private int reports;

    Play(MemoryRegion ram) {
      this.ram = ram;
    }

    void next(FuzzedDataProvider input) {
      now += 1_000_000L * input.consumeInt(0, 20_000);
      runIsDue = migration.state() == IncomingState.READY;
      try {
        if (migration.state() == IncomingState.PAUSED) {
          whilePaused(input);
        } else if (!migration.state().isFinal()) {
          event(input);
        }
      } catch (WireException e) {
        assertThat(e.getMessage()).isNotBlank();
        migration.lost(String.valueOf(e.getMessage()), true, now);
      } catch (InvalidProtocolBufferException e) {
        assertThat(e.getMessage()).as("no frame").isNotBlank();
      }
    }

    private void whilePaused(FuzzedDataProvider input) {
      if (input.consumeBoolean()) {
        migration.reconnected(input.consumeInt(0, 5000), now);
      } else {
        migration.tick(now);
      }
    }

    private void event(FuzzedDataProvider input)
        throws WireException, InvalidProtocolBufferException {
      switch (input.consumeInt(0, KINDS)) {
        case 0 -> migration.received(Frame.parseFrom(input.consumeBytes(64)), now);
        case 1, 2 -> receive(describe(input));
        case 3, 4 -> receive(Frame.newBuilder().setDeviceState(DeviceState.getDefaultInstance()));
        case 5, 6 -> receive(Frame.newBuilder().setRun(Run.getDefaultInstance()));
        case 7 ->
            receive(
                Frame.newBuilder().setStreamEnd(StreamEnd.newBuilder().setPages(number(input))));
        case 8 -> receive(Frame.newBuilder().setGoodbye(Goodbye.getDefaultInstance()));
        case 9 -> receive(Frame.newBuilder().setRecover(Recover.getDefaultInstance()));
        case 10 ->
            receive(
                Frame.newBuilder()
                    .setFailure(Failure.newBuilder().setRecoverable(input.consumeBoolean())));
        case 11 -> migration.lost("cut", input.consumeBoolean(), now);
        case 12 -> migration.roundReceived(input.consumeInt());
        case 13 -> migration.discarded(input.consumeLong(0, PAGES), 1);
        case 14 -> migration.bulkStreamEnded(Math.max(0, number(input)), input.consumeLong(0, 20));
        case 15 -> later();
        default -> migration.tick(now);
      }
    }

    private void receive(Frame.Builder frame) throws WireException {
      migration.received(frame.build(), now);
    }

    private void later() throws WireException {
      if (!link.later.isEmpty()) {
        link.later.removeFirst().run();
      }
      long asked = calls.stream().filter("report"::equals).count();
      if (asked > reports && migration.state() == IncomingState.RECOVERING) {
        reports = (int) asked;
        migration.reported(PAGES, now);
      }
    }

    private static long number(FuzzedDataProvider input) {
      return input.consumeBoolean() ? input.consumeLong(0, PAGES) : input.consumeLong();
    }

    private static Frame.Builder describe(FuzzedDataProvider input) {
      boolean honest = input.consumeBoolean();
      return Frame.newBuilder()
          .setVmDescription(
              VmDescription.newBuilder()
                  .setType("fuzz")
                  .setModeValue(honest ? Mode.MODE_POSTCOPY_VALUE : input.consumeInt(-1, 4))
                  .setPlacementValue(
                      honest ? Placement.PLACEMENT_COPY_VALUE : input.consumeInt(-1, 3))
                  .setBasePageBytes(honest ? 4096 : input.consumeLong())
                  .addRegions(
                      Region.newBuilder()
                          .setName("ram")
                          .setPageBytes(honest ? 4096 : input.consumeLong())
                          .setSizeBytes(honest ? PAGES * 4096L : input.consumeLong())));
    }

    void check() {
      long starts = calls.stream().filter("start"::equals).count();
      assertThat(starts).as("starts of the VM").isLessThanOrEqualTo(1);
      if (migration.state() == IncomingState.RUNNING) {
        assertThat(starts).isEqualTo(1);
      }
      if (migration.state() == IncomingState.FAILED && starts > 0) {
        assertThat(calls).contains("abandon");
      }
    }

    @Override
    public List<MemoryRegion> prepare(
        String type, ByteString configuration, List<AnnouncedRegion> announced)
        throws IncomingVmException {
      AnnouncedRegion only = announced.size() == 1 ? announced.getFirst() : null;
      if (only == null || only.sizeBytes() != PAGES * 4096L || only.pageBytes() != 4096) {
        throw new IncomingVmException("this VM has one region of " + PAGES + " pages");
      }
      return List.of(ram);
    }

    @Override
    public void loadDeviceState(ByteString state, long clockOffsetNanos) {
      calls.add("load");
    }

    @Override
    public void start(FirstInstruction onFirstInstruction) {
      assertThat(runIsDue).as("started in READY").isTrue();
      calls.add("start");
      onFirstInstruction.ran(42);
    }

    @Override
    public void abandon() {
      calls.add("abandon");
    }
  }
}
