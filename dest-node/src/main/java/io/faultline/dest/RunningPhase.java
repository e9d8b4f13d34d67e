package io.faultline.dest;

import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.proto.WireException;
import java.util.function.Supplier;

/**
 * The part of the state machine from RUN on: starts the VM, reports RUNNING, and completes once
 * both streams of pages have arrived. Confined to the control loop.
 */
final class RunningPhase {
  private final IncomingVm vm;
  private final IncomingLink link;
  private final SourceLiveness source;
  private final CompletionTracker completion;
  private final IncomingTimes times;
  private final Supplier<IncomingState> ofMigration;
  private boolean started;

  /**
   * @param ofMigration the state of the whole migration
   */
  RunningPhase(
      IncomingVm vm,
      IncomingLink link,
      SourceLiveness source,
      CompletionTracker completion,
      IncomingTimes times,
      Supplier<IncomingState> ofMigration) {
    this.vm = vm;
    this.link = link;
    this.source = source;
    this.completion = completion;
    this.times = times;
    this.ofMigration = ofMigration;
  }

  /** Whether the VM was started here. */
  boolean isStarted() {
    return started;
  }

  /** RUN has arrived: from now on the VM runs here. */
  void start(long nowNanos) {
    times.runNanos = nowNanos;
    started = true;
    source.heartbeats().start(nowNanos);
    link.enter(TakeOverStage.RUNNING);
    link.guestStarts();
    vm.start(nanos -> link.later(() -> firstInstruction(nanos)));
  }

  /** Goes on after RUN, which another process had received and may not have carried out. */
  void takenOver(boolean complete, long nowNanos) {
    times.runNanos = nowNanos;
    started = true;
    if (complete) {
      completion.takenOver();
    } else {
      vm.start(nanos -> link.later(() -> firstInstruction(nanos)));
    }
  }

  private void firstInstruction(long nanos) throws WireException {
    if (!ofMigration.get().isFinal()) {
      times.firstInstructionNanos = nanos;
      link.enter(TakeOverStage.STARTED);
      if (!source.isLost()) { // otherwise it is sent once the source has reconnected
        sendRunning();
        completeIfAllArrived();
      }
    }
  }

  /** Whether urgent pages are still placed; refuses them before RUN, when none were requested. */
  boolean takesUrgentPages() throws WireException {
    requireRunning("run of pages");
    return !completion.isSent();
  }

  /** The last urgent page has been sent before this. */
  void urgentStreamEnded(long announcedPages) throws WireException {
    requireRunning("STREAM_END");
    if (completion.isUrgentEnded()) {
      throw unexpected("STREAM_END");
    }
    completion.urgentEnded(announcedPages);
    completeIfAllArrived();
  }

  /** The recovery is complete: goes on where the lost connections left it. */
  void recovered() throws WireException {
    sendRunning();
    completeIfAllArrived();
  }

  private void sendRunning() {
    if (times.firstInstructionNanos != 0) {
      link.send(ControlFrames.running(times));
    }
  }

  /** Completes if every page has arrived and the VM runs. */
  void completeIfAllArrived() throws WireException {
    if (ofMigration.get() == IncomingState.RUNNING && times.firstInstructionNanos != 0) {
      completion.completeIfAllArrived();
    }
  }

  private void requireRunning(String what) throws WireException {
    if (ofMigration.get() != IncomingState.RUNNING) {
      throw unexpected(what);
    }
  }

  private WireException unexpected(String what) {
    return new WireException("an unexpected " + what + " during " + ofMigration.get());
  }
}
