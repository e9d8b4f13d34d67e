package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Goodbye;
import io.faultline.proto.wire.Ping;
import io.faultline.proto.wire.Pong;
import io.faultline.proto.wire.Region;
import io.faultline.proto.wire.Run;
import io.faultline.proto.wire.Running;
import io.faultline.proto.wire.StreamEnd;
import io.faultline.proto.wire.VmDescription;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The source's side of a migration, as a state machine:
 *
 * <pre>
 *   SETUP --memory prepared--> SWITCHOVER --READY: RUN--> POSTCOPY --completed--> COMPLETED
 *     |                           |                          |
 *     +----- VM goes on here -----+                          +---> FAILED (VM is not ours)
 *     v                           v
 *   FAILED                      FAILED
 * </pre>
 *
 * <p>It reads no clock: time comes in with each event. It knows no socket: it talks through an
 * {@link OutgoingLink}. All calls come from one thread, the control loop.
 */
final class OutgoingMigration {
  /** Round trips that measure the offset between the clocks. */
  private static final int PINGS = 8;

  private static final long SETUP_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final long SWITCHOVER_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long START_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final OutgoingVm vm;
  private final OutgoingRegions regions;
  private final OutgoingLink link;
  private final OutgoingTimes times = new OutgoingTimes();
  private final ClockOffset clockOffset = new ClockOffset();

  private OutgoingState state = OutgoingState.SETUP;
  private long deadlineNanos;
  private int pongs;
  private boolean committed;
  private boolean running;
  private boolean streamsEnded;
  private boolean paused;
  private @Nullable String error;

  OutgoingMigration(OutgoingVm vm, OutgoingRegions regions, OutgoingLink link, long nowNanos) {
    this.vm = vm;
    this.regions = regions;
    this.link = link;
    times.startedNanos = nowNanos;
    deadlineNanos = nowNanos + SETUP_TIMEOUT_NANOS;
  }

  OutgoingState state() {
    return state;
  }

  boolean isCommitted() {
    return committed;
  }

  @Nullable String error() {
    return error;
  }

  OutgoingTimes times() {
    return times;
  }

  ClockOffset clockOffset() {
    return clockOffset;
  }

  /** Both connections are there and their hellos through. */
  void connected(long nowNanos) {
    ping(nowNanos);
  }

  /** A control frame arrived. */
  void received(Frame frame, long nowNanos) throws WireException {
    switch (frame.getBodyCase()) {
      case PONG -> pong(frame.getPong(), nowNanos);
      case MEMORY_PREPARED -> memoryPrepared(nowNanos);
      case READY -> ready(nowNanos);
      case RUNNING -> running(frame.getRunning());
      case COMPLETED -> completed(nowNanos);
      case FAILURE ->
          failed(
              "the destination gave up: " + Hellos.printable(frame.getFailure().getMessage()),
              nowNanos);
      default -> throw unexpected(frame.getBodyCase().toString());
    }
  }

  /** Whether a page request is in order now. */
  void checkRequest() throws WireException {
    if (state != OutgoingState.POSTCOPY) {
      throw unexpected("page request");
    }
  }

  /** The background scan has found every page claimed; all urgent ones are on the way. */
  void backgroundDone(long urgentPages) {
    if (state == OutgoingState.POSTCOPY) {
      streamsEnded = true;
      link.send(
          Frame.newBuilder().setStreamEnd(StreamEnd.newBuilder().setPages(urgentPages)).build());
    }
  }

  /** Called from time to time. */
  void tick(long nowNanos) {
    if (!state.isFinal() && deadlineNanos != 0 && nowNanos - deadlineNanos > 0) {
      failed("the destination did not answer in time during " + state, nowNanos);
    }
  }

  /** Either connection is gone, or something on this side broke. */
  void failed(String why, long nowNanos) {
    if (state.isFinal()) {
      return;
    }
    error = why;
    state = OutgoingState.FAILED;
    times.endedNanos = nowNanos;
    resumeIfOurs();
    link.send(Frame.newBuilder().setFailure(Failure.newBuilder().setMessage(why)).build());
    link.ended();
  }

  private void resumeIfOurs() {
    if (!paused || committed) {
      return;
    }
    paused = false;
    try {
      vm.resume();
    } catch (RuntimeException e) { // the end must be told all the same
      error += "; the VM could not be resumed: " + e.getMessage();
    }
  }

  private void ping(long nowNanos) {
    link.send(Frame.newBuilder().setPing(Ping.newBuilder().setSourceNanos(nowNanos)).build());
  }

  private void pong(Pong pong, long nowNanos) throws WireException {
    if (state != OutgoingState.SETUP || pongs == PINGS) {
      throw unexpected("PONG");
    }
    clockOffset.sample(pong.getSourceNanos(), pong.getDestinationNanos(), nowNanos);
    pongs++;
    if (pongs < PINGS) {
      ping(nowNanos);
    } else {
      link.send(Frame.newBuilder().setVmDescription(describe()).build());
    }
  }

  private VmDescription describe() {
    VmDescription.Builder description =
        VmDescription.newBuilder()
            .setType(vm.type())
            .setConfiguration(vm.configuration())
            .setMode("postcopy");
    for (MemoryRegion region : regions.all()) {
      description.addRegions(
          Region.newBuilder()
              .setId(region.id())
              .setName(region.name())
              .setSizeBytes(region.sizeBytes())
              .setPageBytes(region.pageBytes()));
    }
    return description.build();
  }

  private void memoryPrepared(long nowNanos) throws WireException {
    if (state != OutgoingState.SETUP || pongs < PINGS) {
      throw unexpected("MEMORY_PREPARED");
    }
    times.preparedNanos = nowNanos;
    deadlineNanos = nowNanos + SWITCHOVER_TIMEOUT_NANOS;
    state = OutgoingState.SWITCHOVER;
  }

  /**
   * Switches over, if it is time to. Apart from {@link #received}, so that the clock can be read
   * again before and after the pause.
   *
   * @param clock this side's clock in nanoseconds
   */
  void switchover(LongSupplier clock) {
    if (state != OutgoingState.SWITCHOVER || paused) {
      return;
    }
    times.pauseNanos = clock.getAsLong();
    paused = true;
    vm.pause();
    times.pausedNanos = clock.getAsLong();
    ByteString deviceState = vm.deviceState();
    times.stateReadNanos = clock.getAsLong();
    link.send(
        Frame.newBuilder()
            .setDeviceState(
                DeviceState.newBuilder()
                    .setState(deviceState)
                    .setClockOffsetNanos(clockOffset.offsetNanos()))
            .build());
  }

  private void ready(long nowNanos) throws WireException {
    if (state != OutgoingState.SWITCHOVER || !paused) {
      throw unexpected("READY");
    }
    committed = true;
    deadlineNanos = nowNanos + START_TIMEOUT_NANOS; // failing now costs the VM: a limit of its own
    state = OutgoingState.POSTCOPY;
    link.send(Frame.newBuilder().setRun(Run.getDefaultInstance()).build());
  }

  private void running(Running frame) throws WireException {
    if (state != OutgoingState.POSTCOPY || running) {
      throw unexpected("RUNNING");
    }
    running = true;
    deadlineNanos = 0; // a large VM over a slow link takes its time: TCP watches the peer
    times.firstInstructionDestinationNanos = frame.getFirstInstructionNanos();
    times.destinationLoadNanos = frame.getLoadNanos();
    times.destinationStartNanos = frame.getStartNanos();
    link.startBackground(); // not before: it would take processors and the link from the start
  }

  private void completed(long nowNanos) throws WireException {
    if (state != OutgoingState.POSTCOPY || !running || !streamsEnded) {
      throw unexpected("COMPLETED");
    }
    times.endedNanos = nowNanos;
    state = OutgoingState.COMPLETED;
    link.send(Frame.newBuilder().setGoodbye(Goodbye.getDefaultInstance()).build());
    link.ended();
  }

  private WireException unexpected(String what) {
    return new WireException("an unexpected " + what + " during " + state);
  }
}
