package io.faultline.dest;

import io.faultline.dest.recording.IncomingRecording;
import io.faultline.proto.Hellos;
import io.faultline.proto.PeerWait;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.StreamEnd;
import io.faultline.proto.wire.VmDescription;
import org.jspecify.annotations.Nullable;

/**
 * The destination's side of a migration, as a state machine:
 *
 * <pre>
 *   RECEIVING --device state: READY--> READY --RUN: start--> RUNNING --both streams end--> COMPLETED
 *       |                                ^                      ^
 *       v                                |                      |
 *     FAILED (the VM continues    PAUSED, then RECOVERING: the source is lost, and reconnects
 *     at the source)              (FAILED, the VM stopped, if it is given up)
 * </pre>
 *
 * <p>Before READY a lost connection ends the migration. From READY on only the source knows whether
 * the VM must run here: so the destination waits for it, and never guesses.
 *
 * <p>Reads no clock and uses no socket. Confined to the control loop.
 */
final class IncomingMigration {
  private final IncomingVm vm;
  private final IncomingLink link;
  private final IncomingCounters counters;
  private final SourceLiveness source;
  private final SourceWatch watch;
  private final ReceivingPhase receivingPhase;
  private final CompletionTracker completion;
  private final SourceLossHandler sourceLoss;
  private final IncomingTimes times = new IncomingTimes();

  /** The state without outages. */
  private IncomingState stage = IncomingState.RECEIVING;

  private boolean vmStarted;
  private boolean recoverReceived;

  /** What the source was told. */
  private boolean memoryShort;

  private @Nullable String bulkLoss;
  private @Nullable String error;

  IncomingMigration(
      IncomingVm vm,
      IncomingLink link,
      IncomingCounters counters,
      SourceLiveness source,
      long nowNanos) {
    this.vm = vm;
    this.link = link;
    this.counters = counters;
    receivingPhase = new ReceivingPhase(vm, link);
    completion = new CompletionTracker(link, counters);
    sourceLoss = new SourceLossHandler(vm, link);
    this.source = source;
    watch = new SourceWatch(nowNanos);
    times.startedNanos = nowNanos;
  }

  IncomingState state() {
    return source.stateDuring(stage);
  }

  /** A control frame has arrived. */
  void received(Frame frame, long nowNanos) throws WireException {
    switch (frame.getBodyCase()) {
      case PING -> link.send(ControlFrames.pong(frame.getPing().getSourceNanos(), nowNanos));
      case VM_DESCRIPTION -> describe(frame.getVmDescription(), nowNanos);
      case DEVICE_STATE -> load(frame.getDeviceState(), nowNanos);
      case RUN -> run(nowNanos);
      case STREAM_END -> urgentStreamEnded(frame.getStreamEnd());
      case GOODBYE -> goodbye(nowNanos);
      case HEARTBEAT -> {} // heard() counts it as a sign of life
      case RECOVER -> recover(nowNanos);
      case FAILURE -> {
        String why = "the source gave up: " + Hellos.printable(frame.getFailure().getMessage());
        end(why, frame.getFailure().getRecoverable(), true, nowNanos);
      }
      default -> throw unexpected(frame.getBodyCase().toString());
    }
  }

  /** Something has arrived on the control connection. */
  void heard(long nowNanos) {
    source.heartbeats().received(nowNanos);
    watch.heard(nowNanos);
  }

  /**
   * An event was handled, which may have taken long: records when the step that it led to ended.
   */
  void handled(long nowNanos) {
    boolean prepared = receivingPhase.prepared() != null;
    if (prepared && times.preparedNanos == 0 && stage == IncomingState.RECEIVING) {
      watch.memoryPrepared(nowNanos);
    }
    times.handled(stage, prepared, nowNanos);
  }

  /** Whether urgent pages are still placed; refuses them before RUN, when none were requested. */
  boolean takesUrgentPages() throws WireException {
    if (state() != IncomingState.RUNNING) {
      throw unexpected("run of pages");
    }
    return !completion.isSent();
  }

  /** Every page of a precopy round has been placed. */
  void roundReceived(int received) throws WireException {
    checkReceiving("end of round " + received);
    receivingPhase.roundReceived(received);
  }

  /** The pages that will be sent again have been discarded, which took the given time. */
  void discarded(long pages, long tookNanos) throws WireException {
    checkReceiving("set of pages to discard");
    receivingPhase.discarded();
    times.discardNanos = tookNanos;
    completion.expect(pages);
    readyIfLoaded();
  }

  /** The stale set is complete: this many pages are still to come. */
  void staleKnown(long pages) throws WireException {
    completion.expect(pages);
    completeIfAllArrived();
  }

  /** The last pages of all bulk connections have been placed. */
  void bulkStreamEnded(long announcedPages, long receivedPages) throws WireException {
    completion.bulkEnded(announcedPages, receivedPages);
    completeIfAllArrived();
  }

  /**
   * Whether memory is short here: tells the source, which must not take a bulk connection that is
   * not read meanwhile for a lost one.
   */
  void memoryShort(boolean isShort, long nowNanos) {
    boolean isConnected = stage == IncomingState.RUNNING && !source.isLost();
    if (isShort != memoryShort && isConnected && !completion.isSent()) {
      memoryShort = isShort;
      sendHeartbeat(nowNanos);
    }
  }

  private void sendHeartbeat(long nowNanos) {
    source.heartbeats().sent(nowNanos);
    link.send(ControlFrames.heartbeat(memoryShort));
  }

  /** Called regularly. */
  void tick(long nowNanos) {
    if (completion.isSent() && !watch.awaitsStep()) {
      watch.awaitGoodbye(0, nowNanos);
    }
    if (stage.isFinal()) {
      return;
    }
    boolean watched = (vmStarted || source.isLost()) && !source.isPaused();
    String overdue = watch.check(counters.precopyPages.sum() + counters.pagesPlaced(), nowNanos);
    if (source.hasTimedOut(nowNanos)) {
      failed(source.timeoutMessage(vmStarted, nowNanos), nowNanos);
    } else if (overdue != null) {
      end(overdue, !completion.isSent(), true, nowNanos);
    } else if (watched && source.heartbeats().isSilent(nowNanos)) {
      lost("the source has been silent for too long", true, nowNanos);
    } else if (watched && !completion.isSent() && source.heartbeats().isDue(nowNanos)) {
      sendHeartbeat(nowNanos);
    }
  }

  /** What the destination waits for, for the user; null for nothing. */
  @Nullable PeerWait waiting(long nowNanos) {
    if (stage.isFinal()) {
      return null;
    }
    if (stage == IncomingState.RECEIVING) {
      return watch.beforeReady(nowNanos);
    }
    return source.isPaused()
        ? source.waiting(vmStarted)
        : watch.afterReady(source.heartbeats(), nowNanos);
  }

  /** A connection has ended, {@code control} or bulk. From READY on the migration survives that. */
  void lost(String why, boolean control, long nowNanos) {
    end(why, true, control, nowNanos);
  }

  private void end(String why, boolean recoverable, boolean control, long nowNanos) {
    if (stage.isFinal() || (completion.isSent() && !control)) {
      return;
    }
    if (stage == IncomingState.RECEIVING || !recoverable) {
      failed(why, nowNanos);
    } else if (stage == IncomingState.READY && !control && !source.isLost()) {
      bulkLoss = why; // the source is still connected, and decides whether the migration ends
      link.send(ControlFrames.failure(why, true));
    } else {
      source.lost(bulkLoss == null ? why : bulkLoss, nowNanos);
      if (completion.isSent()) {
        watch.awaitGoodbye(source.twiceSilenceNanos(), nowNanos);
      } else {
        watch.awaitNothing();
      }
      link.send(ControlFrames.failure(why, true));
      link.disconnect(why);
    }
  }

  /**
   * The source has reconnected. Every page of earlier connections has been placed or dropped.
   *
   * @param peerMillis after how much silence it treats this side as gone; 0 for never
   */
  void reconnected(int peerMillis, long nowNanos) {
    source.reconnected(peerMillis, nowNanos);
    if (!completion.isSent()) {
      watch.awaitRecovery(nowNanos);
    }
    bulkLoss = null;
    recoverReceived = false;
    memoryShort = false; // the new connections have not been told
    completion.renew();
  }

  private void recover(long nowNanos) throws WireException {
    if (state() != IncomingState.RECOVERING || recoverReceived) {
      throw unexpected("RECOVER");
    }
    recoverReceived = true;
    link.send(ControlFrames.recovery(completion.phase(vmStarted)));
    if (completion.isSent()) {
      source.recovered(nowNanos);
    } else {
      link.report();
    }
  }

  /** The report of received pages was sent; this many base pages are missing. */
  void reported(long missingPages, long nowNanos) throws WireException {
    source.recovered(nowNanos);
    if (vmStarted) {
      watch.awaitPages(nowNanos);
    } else {
      watch.awaitRun(nowNanos);
    }
    if (receivingPhase.isCopied()) { // with placement continue the stale set says how many
      completion.expect(missingPages);
    }
    link.resume();
    sendRunning();
    completeIfAllArrived();
  }

  /** Ends the migration: something broke on this side, or the source was given up. */
  void failed(String why, long nowNanos) {
    if (stage.isFinal()) {
      return;
    }
    times.endedNanos = nowNanos;
    if (completion.isSent()) {
      // Every page has arrived; only GOODBYE is missing.
      stage = IncomingState.COMPLETED;
      link.ended();
      return;
    }
    boolean poison = vmStarted && source.shouldPoison(nowNanos);
    error = why;
    stage = IncomingState.FAILED;
    link.send(ControlFrames.failure(why, false));
    error +=
        poison
            ? sourceLoss.poison()
            : sourceLoss.stop(vmStarted, completion.missing(receivingPhase.totalPages()));
    link.ended();
  }

  /** The report of a migration that has ended, or has come this far. */
  IncomingReport report(long nowNanos) {
    return IncomingReport.of(
        state(), vmStarted, error, receivingPhase.prepared(), times, counters, source, nowNanos);
  }

  /** How many base pages are missing; -1 if it is not known yet. */
  long missingPages() {
    return completion.missing();
  }

  /** Records when the steps happened; null for nothing. */
  void record(@Nullable IncomingRecording recording) {
    if (recording != null) {
      recording.ended(
          times.startedNanos,
          times.stateArrivedNanos,
          times.readyNanos,
          times.runNanos,
          times.firstInstructionNanos,
          times.endedNanos);
    }
  }

  private void describe(VmDescription description, long nowNanos) throws WireException {
    checkReceiving("VM_DESCRIPTION");
    PreparedMemory made = receivingPhase.describe(description);
    if (made.parameters().precopy()) {
      watch.precopyStarted(source.peerMillis(), nowNanos);
    } else if (!made.parameters().hasStaleSet()) {
      completion.expect(made.totalPages());
    }
  }

  private void load(DeviceState deviceState, long nowNanos) throws WireException {
    checkReceiving("DEVICE_STATE");
    times.stateArrivedNanos = nowNanos;
    watch.awaitRun(nowNanos);
    receivingPhase.load(deviceState);
    readyIfLoaded();
  }

  private void readyIfLoaded() {
    if (receivingPhase.isReady()) {
      stage = IncomingState.READY;
      link.send(ControlFrames.ready());
    }
  }

  private void checkReceiving(String what) throws WireException {
    if (stage != IncomingState.RECEIVING) {
      throw unexpected(what);
    }
  }

  private void run(long nowNanos) throws WireException {
    if (state() != IncomingState.READY) {
      throw unexpected("RUN");
    }
    stage = IncomingState.RUNNING;
    times.runNanos = nowNanos;
    watch.awaitPages(nowNanos);
    vmStarted = true;
    source.heartbeats().start(nowNanos);
    link.guestStarts();
    vm.start(nanos -> link.later(() -> firstInstruction(nanos)));
    if (bulkLoss != null) {
      lost(bulkLoss, false, nowNanos);
    }
  }

  private void firstInstruction(long nanos) throws WireException {
    if (stage == IncomingState.RUNNING) {
      times.firstInstructionNanos = nanos;
      if (!source.isLost()) { // otherwise it is sent once the source has reconnected
        sendRunning();
        completeIfAllArrived();
      }
    }
  }

  private void sendRunning() {
    if (times.firstInstructionNanos != 0) {
      link.send(ControlFrames.running(times));
    }
  }

  private void urgentStreamEnded(StreamEnd end) throws WireException {
    if (state() != IncomingState.RUNNING || completion.isUrgentEnded()) {
      throw unexpected("STREAM_END");
    }
    completion.urgentEnded(end.getPages());
    completeIfAllArrived();
  }

  private void completeIfAllArrived() throws WireException {
    if (state() == IncomingState.RUNNING && times.firstInstructionNanos != 0) {
      completion.completeIfAllArrived();
    }
  }

  private void goodbye(long nowNanos) throws WireException {
    if (!completion.isSent()) {
      throw unexpected("GOODBYE");
    }
    times.endedNanos = nowNanos;
    stage = IncomingState.COMPLETED;
    link.ended();
  }

  private WireException unexpected(String what) {
    return new WireException("an unexpected " + what + " during " + state());
  }
}
