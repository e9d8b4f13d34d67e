package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.demo.simulated.SimulatedSource;
import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.memory.Backing;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Mode;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.Placement;
import io.faultline.proto.wire.RoundEnd;
import io.faultline.proto.wire.Run;
import io.faultline.proto.wire.StreamEnd;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.io.IOException;
import java.util.function.Predicate;

/** A source of a VM in huge pages that behaves up to a stage, and then sends what a test wants. */
final class SwitchoverScript {
  private static final long HUGE_BYTES = 2 << 20;
  private static final SimulatedVmConfig CONFIG =
      SimulatedVmConfig.of(FakeSource.RAM_BYTES, Backing.HUGETLB_2M, 1, Workload.UNIFORM, 1);

  private final FakeSource source;
  private final Mode mode;
  private final Placement placement;

  /** The progress of the migration. */
  enum Stage {
    /** Memory is prepared, and the bulk connection is open. */
    PREPARED,
    /** The destination has sent READY. No page has been sent, so all are missing. */
    READY,
    /** The VM runs at the destination. */
    RUNNING
  }

  SwitchoverScript(FakeSource source, Mode mode, Placement placement) {
    this.source = source;
    this.mode = mode;
    this.placement = placement;
  }

  /** Proceeds to a stage. */
  void goTo(Stage stage) throws IOException {
    await(Frame::hasHello);
    source.describe(CONFIG, FakeSource.RAM_BYTES, HUGE_BYTES, mode, placement);
    await(Frame::hasMemoryPrepared);
    FakeSource.assertAccepted(source.openBulk(source.id()));
    if (stage == Stage.PREPARED) {
      return;
    }
    if (placement == Placement.PLACEMENT_COPY) {
      discard(0, FakeSource.RAM_BYTES / FakeSource.PAGE_BYTES);
    }
    source.send(
        Frame.newBuilder().setDeviceState(DeviceState.newBuilder().setState(state())).build());
    await(Frame::hasReady);
    if (stage == Stage.RUNNING) {
      source.send(Frame.newBuilder().setRun(Run.getDefaultInstance()).build());
      await(Frame::hasRunning);
    }
  }

  void endRound(int round, long pages) throws IOException {
    RoundEnd end = RoundEnd.newBuilder().setRound(round).setPages(pages).build();
    source.sendOnBulk(Frame.newBuilder().setRoundEnd(end).build());
  }

  void endStream(long pages) throws IOException {
    StreamEnd end = StreamEnd.newBuilder().setPages(pages).build();
    source.sendOnBulk(Frame.newBuilder().setStreamEnd(end).build());
  }

  /**
   * Sends a whole set of pages in one frame.
   *
   * @param runs numbers of pages, alternately outside and in the set
   */
  void discard(long... runs) throws IOException {
    source.sendOnBulk(Frame.newBuilder().setDiscard(set(runs)).build());
  }

  /** Sends the stale pages, as {@link #discard} does. */
  void stale(long... runs) throws IOException {
    source.sendOnBulk(Frame.newBuilder().setStale(set(runs)).build());
  }

  /** Sends the header of a run of pages on the bulk connection. */
  void run(long firstPage, int count, Encoding encoding) throws IOException {
    source.sendOnBulk(header(firstPage, count, encoding));
  }

  void runOnControl(long firstPage, int count, Encoding encoding) throws IOException {
    source.send(header(firstPage, count, encoding));
  }

  private static Frame header(long firstPage, int count, Encoding encoding) {
    long payload = encoding == Encoding.ENCODING_RAW ? count * FakeSource.PAGE_BYTES : 0;
    return FakeSource.run(0, firstPage, count, encoding, payload);
  }

  private static PageSet set(long... runs) {
    PageSet.Builder set = PageSet.newBuilder().setLast(true);
    for (long run : runs) {
      set.addRuns(run);
    }
    return set.build();
  }

  /** The device state of such a VM before its first instruction. */
  private static ByteString state() {
    try (SimulatedVm vm = SimulatedVm.create(new SimulatedKernel(), CONFIG)) {
      return new SimulatedSource(vm).deviceState();
    }
  }

  /** Waits for a frame; requests for the pages on which the guest faults may come before it. */
  private void await(Predicate<Frame> wanted) throws IOException {
    Frame next = source.receive();
    while (next != null && next.hasRequest()) {
      next = source.receive();
    }
    assertThat(next != null && wanted.test(next)).as("received: %s", next).isTrue();
  }
}
