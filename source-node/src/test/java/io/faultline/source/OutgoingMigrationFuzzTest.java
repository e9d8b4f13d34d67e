package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.WireException;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.wire.Completed;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.MemoryPrepared;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.Pong;
import io.faultline.proto.wire.Ready;
import io.faultline.proto.wire.Recovery;
import io.faultline.proto.wire.RoundReceived;
import io.faultline.proto.wire.Running;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Whatever frames a destination sends, in whatever order, with connections lost and re-established:
 * before RUN the VM always resumes at the source, after RUN never, and invalid frames are refused
 * with a {@link WireException}.
 */
final class OutgoingMigrationFuzzTest {
  private static final int MAX_EVENTS = 64;
  private static final int KINDS = 16;

  @FuzzTest(maxDuration = "2s")
  void vmHasOneOwnerWhateverTheDestinationSends(FuzzedDataProvider input) {
    try (MemoryRegion ram =
        MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, 16 * 4096L)) {
      Scenario scenario = new Scenario(ram);
      for (int i = 0; i < MAX_EVENTS && input.remainingBytes() > 0; i++) {
        scenario.next(input);
        scenario.check();
      }
    }
  }

  /** One migration. */
  private static final class Scenario {
    private final FakeVm vm;
    private final RecordingLink link = new RecordingLink();
    private final OutgoingMigration migration;
    private long now = 1;
    private boolean connected;

    Scenario(MemoryRegion ram) {
      vm = new FakeVm(List.of(ram));
      InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
      migration =
          new OutgoingMigration(
              vm,
              new OutgoingRegions(vm.regions(), Placement.COPY),
              new SourceSettings(to),
              link,
              () -> 0,
              new ReconnectSchedule(1, 0, () -> 0),
              OwnershipLog.NONE,
              now);
    }

    void next(FuzzedDataProvider input) {
      now += 1_000_000L * input.consumeInt(0, 5000);
      OutgoingState state = migration.state();
      boolean disconnected = state == OutgoingState.PAUSED || !connected;
      try {
        if (disconnected && !state.isFinal()) {
          whileDisconnected(input);
        } else if (!state.isFinal()) {
          event(input);
        }
      } catch (WireException e) {
        assertThat(e.getMessage()).isNotBlank();
        lose(String.valueOf(e.getMessage()));
      } catch (InvalidProtocolBufferException e) {
        assertThat(e.getMessage()).as("not a frame").isNotBlank();
      }
    }

    private void whileDisconnected(FuzzedDataProvider input) {
      boolean due =
          migration.state() == OutgoingState.SETUP || migration.state() == OutgoingState.RECOVERING;
      if (due && input.consumeBoolean()) {
        connected = true;
        migration.connected(new Heartbeats(3000, 3000, now), now);
      } else {
        migration.tick(now);
      }
    }

    private void event(FuzzedDataProvider input)
        throws WireException, InvalidProtocolBufferException {
      switch (input.consumeInt(0, KINDS)) {
        case 0 -> receive(Frame.parseFrom(input.consumeBytes(64)).toBuilder());
        case 1, 2, 3 -> pong(input);
        case 4, 5 ->
            receive(Frame.newBuilder().setMemoryPrepared(MemoryPrepared.getDefaultInstance()));
        case 6, 7 -> receive(Frame.newBuilder().setReady(Ready.getDefaultInstance()));
        case 8 -> receive(Frame.newBuilder().setRunning(Running.getDefaultInstance()));
        case 9 -> receive(Frame.newBuilder().setCompleted(Completed.getDefaultInstance()));
        case 10 ->
            receive(
                Frame.newBuilder()
                    .setRecovery(Recovery.newBuilder().setPhaseValue(input.consumeInt(-1, 4))));
        case 11 -> receive(Frame.newBuilder().setReceived(pageSet(input)));
        case 12 ->
            receive(
                Frame.newBuilder()
                    .setRoundReceived(RoundReceived.newBuilder().setRound(input.consumeInt())));
        case 13 ->
            receive(
                Frame.newBuilder()
                    .setFailure(Failure.newBuilder().setRecoverable(input.consumeBoolean())));
        case 14 -> lose("cut");
        case 15 -> migration.cancel(now);
        default -> migration.tick(now);
      }
    }

    /** Answers the last ping, or one that was never sent. */
    private void pong(FuzzedDataProvider input) throws WireException {
      long pinged =
          link.sent.isEmpty() || input.consumeBoolean()
              ? input.consumeLong()
              : link.last().getPing().getSourceNanos();
      Pong pong =
          Pong.newBuilder().setSourceNanos(pinged).setDestinationNanos(input.consumeLong()).build();
      receive(Frame.newBuilder().setPong(pong));
    }

    private static PageSet.Builder pageSet(FuzzedDataProvider input) {
      PageSet.Builder set =
          PageSet.newBuilder()
              .setRegion(input.consumeInt(-1, 2))
              .setFirstPage(input.consumeInt(-1, 20))
              .setLast(input.consumeBoolean());
      for (int i = input.consumeInt(0, 6); i > 0; i--) {
        set.addRuns(input.consumeBoolean() ? input.consumeLong() : input.consumeInt(0, 16));
      }
      return set;
    }

    private void receive(Frame.Builder frame) throws WireException {
      migration.received(frame.build(), now);
      migration.switchover(() -> now);
    }

    private void lose(String why) {
      migration.lost(why, now);
      connected = false;
    }

    void check() {
      long runs = link.sent.stream().filter(Frame::hasRun).count();
      long resumes = vm.calls.stream().filter("resume"::equals).count();
      assertThat(runs > 0)
          .as("committed if and only if RUN was sent")
          .isEqualTo(migration.isCommitted());
      if (runs > 0) {
        assertThat(resumes).as("after RUN").isZero();
      } else if (migration.state().isFinal()) {
        long pauses = vm.calls.stream().filter("pause"::equals).count();
        assertThat(resumes).as("before RUN").isEqualTo(pauses);
      }
    }
  }
}
