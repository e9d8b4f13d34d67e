package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.memory.Placement;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Frame;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How the VM is paused and its state sent; with precopy, the rest of its memory goes in between.
 * Belongs to the control loop.
 */
final class Switchover {
  private final OutgoingVm vm;
  private final OutgoingRegions regions;
  private final OutgoingLink link;
  private final SourceSettings settings;
  private final PrecopyRounds rounds;
  private final OutgoingTimes times;
  private final ClockOffset clockOffset;
  private final OwnershipLog ownershipLog;
  private boolean paused;
  private boolean stopAndCopy;
  private boolean stateSent;

  Switchover(
      OutgoingVm vm,
      OutgoingRegions regions,
      OutgoingLink link,
      SourceSettings settings,
      PrecopyRounds rounds,
      OutgoingTimes times,
      ClockOffset clockOffset,
      OwnershipLog ownershipLog) {
    this.vm = vm;
    this.regions = regions;
    this.link = link;
    this.settings = settings;
    this.rounds = rounds;
    this.times = times;
    this.clockOffset = clockOffset;
    this.ownershipLog = ownershipLog;
  }

  /** What is left of memory goes while the VM is paused. */
  void stopAndCopy() {
    stopAndCopy = true;
  }

  boolean isStateSent() {
    return stateSent;
  }

  /**
   * Does what can be done now.
   *
   * @param clock this side's clock in nanoseconds
   * @throws IOException where the ledger cannot be written
   */
  void step(LongSupplier clock) throws IOException {
    if (stateSent) {
      return;
    }
    if (!paused) {
      pause(clock);
    }
    if (!rounds.isUnderWay()) {
      handOver(clock);
    }
  }

  private void pause(LongSupplier clock) {
    if (!settings.mode().hasRounds()) {
      regions.settle(); // all of it is stale: that need not be noted while the VM is paused
    }
    times.pauseNanos = clock.getAsLong();
    paused = true;
    vm.pause();
    times.pausedNanos = clock.getAsLong();
    rounds.sync();
    times.syncedNanos = clock.getAsLong();
    if (stopAndCopy && regions.lackingBytes() > 0) {
      rounds.next(times.syncedNanos);
    }
  }

  private void handOver(LongSupplier clock) throws IOException {
    times.copiedNanos = stopAndCopy ? clock.getAsLong() : times.syncedNanos;
    stateSent = true;
    boolean wentAhead = settings.mode().hasRounds();
    boolean discards = wentAhead && settings.placement() == Placement.COPY;
    if (discards) {
      regions.settle();
      regions.findDiscards();
      link.sendDiscards();
    }
    ByteString state = vm.deviceState();
    times.stateReadNanos = clock.getAsLong();
    DeviceState.Builder message = DeviceState.newBuilder().setState(state);
    message.setClockOffsetNanos(clockOffset.offsetNanos());
    link.send(Frame.newBuilder().setDeviceState(message).build());
    ownershipLog.paused(state); // while it travels
    if (wentAhead && !discards) {
      regions.settle(); // so does this: nothing is asked for before RUN
    }
  }

  /** The destination has all; returns what went wrong, for a person, or null. */
  @Nullable String completed() {
    try {
      ownershipLog.completed();
      return null;
    } catch (IOException e) { // it has completed all the same
      return e.getMessage();
    }
  }

  /**
   * The VM goes on here, if it was paused, and the ledger says so first: what it has of the VM
   * would not fit its memory any more.
   *
   * @return what went wrong, for a person; empty where nothing did
   */
  String release() {
    String wrong = "";
    try {
      ownershipLog.released();
    } catch (IOException e) { // the VM goes on all the same
      wrong = "; " + e.getMessage();
    }
    if (!paused) {
      return wrong;
    }
    paused = false;
    try {
      vm.resume();
    } catch (RuntimeException e) { // the end must be told all the same
      wrong += "; the VM could not be resumed: " + e.getMessage();
    }
    return wrong;
  }
}
