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
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.Placement;
import io.faultline.proto.wire.Region;
import io.faultline.proto.wire.VmDescription;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;

/**
 * Any frames, in any order, with connections that break and return: the VM is started at most once,
 * and only by RUN in READY; invalid frames are refused.
 */
final class IncomingMigrationFuzzTest {
  private static final int PAGES = 16;
  private static final int MAX_EVENTS = 64;
  private static final int KINDS = 17;

  @FuzzTest(maxDuration = "2s")
  void anySourceIsServedOrRefused(FuzzedDataProvider input) {
    try (MemoryRegion ram =
        MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.SHMEM, PAGES * 4096L)) {
      FuzzedMigration migration = new FuzzedMigration(ram);
      for (int i = 0; i < MAX_EVENTS && input.remainingBytes() > 0; i++) {
        migration.next(input);
        migration.check();
      }
    }
  }

  /** One migration, driven by the fuzzer's input. */
  private static final class FuzzedMigration {
    private final List<String> calls = new ArrayList<>();
    private final RecordingLink link = new RecordingLink(calls);
    private final FuzzedVm vm;
    private final IncomingMigration migration;
    private long now = 1;
    private int reports;

    FuzzedMigration(MemoryRegion ram) {
      vm = new FuzzedVm(calls, ram);
      migration =
          new IncomingMigration(
              vm,
              link,
              new IncomingCounters(),
              new SourceLiveness(PeerTimeouts.DEFAULT, false, 3000, now),
              now);
    }

    void next(FuzzedDataProvider input) {
      now += 1_000_000L * input.consumeInt(0, 20_000);
      vm.runExpected = migration.state() == IncomingState.READY;
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
        assertThat(e.getMessage()).as("bytes that are no frame").isNotBlank();
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
        case 1, 2 -> receive(description(input));
        case 3, 4 -> receive(SourceFrames.deviceState());
        case 5, 6 -> receive(SourceFrames.run());
        case 7 -> receive(SourceFrames.streamEnd(number(input)));
        case 8 -> receive(SourceFrames.goodbye());
        case 9 -> receive(SourceFrames.recover());
        case 10 -> receive(SourceFrames.failure("", input.consumeBoolean()));
        case 11 -> migration.lost("cut", input.consumeBoolean(), now);
        case 12 -> migration.roundReceived(input.consumeInt());
        case 13 -> migration.discarded(input.consumeLong(0, PAGES), 1);
        case 14 -> migration.bulkStreamEnded(Math.max(0, number(input)), input.consumeLong(0, 20));
        case 15 -> later();
        case 16 -> receive(SourceFrames.statePart(ByteString.copyFrom(input.consumeBytes(8))));
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
      long requested = calls.stream().filter("report"::equals).count();
      if (requested > reports && migration.state() == IncomingState.RECOVERING) {
        reports = (int) requested;
        migration.reported(PAGES, now);
      }
    }

    private static long number(FuzzedDataProvider input) {
      return input.consumeBoolean() ? input.consumeLong(0, PAGES) : input.consumeLong();
    }

    private static Frame.Builder description(FuzzedDataProvider input) {
      boolean valid = input.consumeBoolean();
      return Frame.newBuilder()
          .setVmDescription(
              VmDescription.newBuilder()
                  .setType("fuzz")
                  .setModeValue(valid ? Mode.MODE_POSTCOPY_VALUE : input.consumeInt(-1, 4))
                  .setPlacementValue(
                      valid ? Placement.PLACEMENT_COPY_VALUE : input.consumeInt(-1, 3))
                  .setBasePageBytes(valid ? 4096 : input.consumeLong())
                  .addRegions(
                      Region.newBuilder()
                          .setName("ram")
                          .setPageBytes(valid ? 4096 : input.consumeLong())
                          .setSizeBytes(valid ? PAGES * 4096L : input.consumeLong())));
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
  }

  /** Has one region, and may be started only when RUN is valid. */
  private static final class FuzzedVm extends RecordingVm {
    boolean runExpected;

    FuzzedVm(List<String> calls, MemoryRegion ram) {
      super(calls, ram);
    }

    @Override
    public List<MemoryRegion> prepare(
        String type, ByteString configuration, List<AnnouncedRegion> announced)
        throws IncomingVmException {
      AnnouncedRegion only = announced.size() == 1 ? announced.getFirst() : null;
      if (only == null || only.sizeBytes() != PAGES * 4096L || only.pageBytes() != 4096) {
        throw new IncomingVmException("this VM has one region of " + PAGES + " pages");
      }
      return super.prepare(type, configuration, announced);
    }

    @Override
    public void start(FirstInstruction onFirstInstruction) {
      assertThat(runExpected).as("started in READY").isTrue();
      super.start(onFirstInstruction);
    }
  }
}
