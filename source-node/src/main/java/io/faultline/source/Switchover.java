package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.memory.Placement;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The switchover: pauses the VM, in precopy mode sends the remaining dirty pages, then sends the
 * device state, whose first parts may go out while the VM is being paused. If the migration ends
 * before RUN, resumes the VM. Confined to the control loop.
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

  /** Of the device state. */
  private int partBytes;

  /** What the ownership log has of the device state; null for nothing. */
  private @Nullable ByteString recorded;

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

  /** The remaining dirty pages are to be sent while the VM is paused. */
  void stopAndCopy() {
    stopAndCopy = true;
  }

  boolean isStateSent() {
    return stateSent;
  }

  /**
   * Takes the next step, if one is possible.
   *
   * @param clock the source's clock in nanoseconds
   * @throws IOException if the ownership log cannot be written
   */
  void step(LongSupplier clock) throws IOException {
    if (stateSent) {
      return;
    }
    if (!paused) {
      pause(clock);
    }
    if (!rounds.isUnderWay()) {
      sendState(clock);
    }
  }

  private void pause(LongSupplier clock) throws IOException {
    if (!settings.mode().hasRounds()) {
      regions.markStale(); // all pages, so this need not wait for the pause
    }
    times.pauseRequestNanos = clock.getAsLong();
    times.pauseNanos = times.pauseRequestNanos;
    record(vm.expectedRecord());
    paused = true;
    if (!stopAndCopy && link.canSendStateParts()) { // else pages must arrive before the state
      sendPart(ByteString.EMPTY); // the destination gets ready to load, while the VM still runs
      vm.passStateTo(this::sendPart);
    }
    vm.pause();
    times.pausedNanos = clock.getAsLong();
    times.pauseNanos = vm.stoppedNanos(times.pauseRequestNanos);
    rounds.sync();
    times.syncedNanos = clock.getAsLong();
    if (stopAndCopy && regions.dirtyBytes() > 0) {
      rounds.next(times.syncedNanos);
    }
  }

  private void sendPart(ByteString part) {
    partBytes += part.size();
    link.send(ControlFrames.statePart(part));
  }

  private void sendState(LongSupplier clock) throws IOException {
    times.copiedNanos = stopAndCopy ? clock.getAsLong() : times.syncedNanos;
    stateSent = true;
    boolean hadRounds = settings.mode().hasRounds();
    boolean discards = hadRounds && settings.placement() == Placement.COPY;
    if (discards) {
      regions.markStale();
      regions.findDiscards();
      link.sendDiscards();
    }
    ByteString state = vm.deviceState();
    times.stateReadNanos = clock.getAsLong();
    link.send(ControlFrames.deviceState(state.substring(partBytes), clockOffset.offsetNanos()));
    record(vm.recordedState(state)); // while the state is in flight
    if (hadRounds && !discards) {
      regions.markStale(); // meanwhile: the first request comes after this, on the same loop
    }
  }

  /** Unless the log has it already. */
  private void record(@Nullable ByteString ofState) throws IOException {
    if (ofState != null && !ofState.equals(recorded)) {
      ownershipLog.paused(ofState);
      recorded = ofState;
    }
  }

  /**
   * Records that the destination has all pages.
   *
   * @return what went wrong, for the user; null if nothing did
   */
  @Nullable String completed() {
    try {
      ownershipLog.completed();
      return null;
    } catch (IOException e) { // the migration has completed nevertheless
      return e.getMessage();
    }
  }

  /**
   * Resumes the VM here, if it was paused, and records that the migration has ended.
   *
   * <p>Records that first if the VM ends with this process: once it runs, the recorded device state
   * no longer matches its memory. A VM that lives on without this process is never loaded from that
   * state: as long as it may be paused, its record must stay, so that a later process resumes it.
   *
   * @return what went wrong, for the user; empty if nothing did
   */
  String release() {
    if (vm.survivor().isEmpty()) {
      return recordRelease() + resume();
    }
    String problems = resume();
    return problems.isEmpty() ? recordRelease() : problems;
  }

  private String recordRelease() {
    try {
      ownershipLog.released();
      return "";
    } catch (IOException e) {
      return "; " + e.getMessage();
    } catch (RuntimeException | LinkageError e) { // nothing may prevent the resume
      return "; the end of the migration may not have been recorded: " + e;
    }
  }

  private String resume() {
    if (!paused || vm.hasEnded()) {
      return "";
    }
    paused = false;
    try {
      vm.resume();
      return "";
    } catch (RuntimeException e) { // must not prevent the end of the migration
      return "; the VM could not be resumed: " + e.getMessage();
    }
  }
}
