package io.faultline.dest;

import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.proto.Hellos;
import io.faultline.proto.PeerWait;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Frame;
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
  private final IncomingLink link;
  private final IncomingCounters counters;
  private final SourceLiveness source;
  private final SourceWatch watch;
  private final ReceivingPhase receivingPhase;
  private final CompletionTracker completion;
  private final SourceRecovery recovery;
  private final RunningPhase running;
  private final IncomingEnd end;
  private final IncomingTimes times = new IncomingTimes();

  /** The state without outages. */
  private IncomingState stage = IncomingState.RECEIVING;

  IncomingMigration(
      IncomingVm vm,
      IncomingLink link,
      IncomingCounters counters,
      SourceLiveness source,
      long nowNanos) {
    this.link = link;
    this.counters = counters;
    completion = new CompletionTracker(link, counters);
    this.source = source;
    watch = new SourceWatch(nowNanos);
    receivingPhase =
        new ReceivingPhase(vm, link, source, watch, completion, times, this::readyIfLoaded);
    recovery = new SourceRecovery(source, watch, completion, link);
    running = new RunningPhase(vm, link, source, completion, times, this::state);
    SourceLossHandler sourceLoss = new SourceLossHandler(vm, link);
    end =
        new IncomingEnd(
            link,
            source,
            completion,
            receivingPhase,
            running,
            sourceLoss,
            times,
            ended -> stage = ended);
    times.startedNanos = nowNanos;
  }

  /**
   * Goes on where another process was killed, which had come to this stage: as after a lost
   * connection.
   *
   * @param at READY or later
   */
  void takeOver(PreparedMemory memory, TakeOverStage at, long nowNanos) {
    receivingPhase.takenOver(memory);
    times.startedNanos = nowNanos;
    stage = at == TakeOverStage.READY ? IncomingState.READY : IncomingState.RUNNING;
    if (stage == IncomingState.RUNNING) {
      running.takenOver(at == TakeOverStage.COMPLETE, nowNanos);
    }
    recovery.lost("the destination node was killed", nowNanos);
  }

  IncomingState state() {
    return source.stateDuring(stage);
  }

  /** A control frame has arrived. */
  void received(Frame frame, long nowNanos) throws WireException {
    switch (frame.getBodyCase()) {
      case PING -> link.send(ControlFrames.pong(frame.getPing().getSourceNanos(), nowNanos));
      case VM_DESCRIPTION -> describe(frame.getVmDescription(), nowNanos);
      case DEVICE_STATE_PART -> {
        checkReceiving("DEVICE_STATE_PART");
        receivingPhase.part(frame.getDeviceStatePart().getBytes());
      }
      case DEVICE_STATE -> load(frame.getDeviceState(), nowNanos);
      case RUN -> run(nowNanos);
      case STREAM_END -> running.urgentStreamEnded(frame.getStreamEnd().getPages());
      case GOODBYE -> goodbye(nowNanos);
      case HEARTBEAT -> {} // heard() counts it as a sign of life
      case RECOVER -> recover(nowNanos);
      case FAILURE -> {
        String why = "the source gave up: " + Hellos.printable(frame.getFailure().getMessage());
        connectionsLost(why, frame.getFailure().getRecoverable(), true, nowNanos);
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

  /** Whether urgent pages are still placed; refuses them as long as none can be requested. */
  boolean takesUrgentPages() throws WireException {
    boolean isBeforeRun = stage == IncomingState.RECEIVING || stage == IncomingState.READY;
    return (isBeforeRun && receivingPhase.requestsPages()) || running.takesUrgentPages();
  }

  /** Every page of a precopy round has been placed. */
  void roundReceived(int received) throws WireException {
    checkReceiving("end of round " + received);
    receivingPhase.roundReceived(received);
  }

  /** The pages that will be sent again have been discarded, which took the given time. */
  void discarded(long pages, long tookNanos) throws WireException {
    checkReceiving("set of pages to discard");
    receivingPhase.discarded(pages, tookNanos);
    readyIfLoaded();
  }

  /** The stale set is complete: this many pages are still to come. */
  void staleKnown(long pages) throws WireException {
    completion.expect(pages);
    running.completeIfAllArrived();
  }

  /** The last pages of all bulk connections have been placed. */
  void bulkStreamEnded(long announcedPages, long receivedPages) throws WireException {
    completion.bulkEnded(announcedPages, receivedPages);
    running.completeIfAllArrived();
  }

  /** A snapshot has given memory back. */
  void memoryReturned() throws WireException {
    running.completeIfAllArrived();
  }

  /** Whether memory is short here, which the source must know while the VM runs here. */
  void memoryShort(boolean isShort, long nowNanos) {
    if (stage == IncomingState.RUNNING) {
      recovery.memoryShort(isShort, nowNanos);
    }
  }

  /** Called regularly. */
  void tick(long nowNanos) {
    if (completion.isSent() && !watch.awaitsStep()) {
      watch.awaitGoodbye(0, nowNanos);
    }
    if (end.isReached()) {
      return;
    }
    boolean watched = (running.isStarted() || source.isLost()) && !source.isPaused();
    String overdue = watch.check(counters.precopyPages.sum() + counters.pagesPlaced(), nowNanos);
    if (source.hasTimedOut(nowNanos)) {
      failed(source.timeoutMessage(running.isStarted(), nowNanos), nowNanos);
    } else if (overdue != null) {
      connectionsLost(overdue, !completion.isSent(), true, nowNanos);
    } else if (watched && source.heartbeats().isSilent(nowNanos)) {
      lost("the source has been silent for too long", true, nowNanos);
    } else if (watched && !completion.isSent() && source.heartbeats().isDue(nowNanos)) {
      recovery.sendHeartbeat(nowNanos);
    }
  }

  /** What the destination waits for, for the user; null for nothing. */
  @Nullable PeerWait waiting(long nowNanos) {
    if (end.isReached()) {
      return null;
    }
    return stage == IncomingState.RECEIVING
        ? watch.beforeReady(nowNanos)
        : watch.afterReady(source, running.isStarted(), nowNanos);
  }

  /** A connection has ended, {@code control} or bulk. From READY on the migration survives that. */
  void lost(String why, boolean control, long nowNanos) {
    connectionsLost(why, true, control, nowNanos);
  }

  private void connectionsLost(String why, boolean recoverable, boolean control, long nowNanos) {
    if (end.isReached() || (completion.isSent() && !control)) {
      return;
    }
    if (stage == IncomingState.RECEIVING || !recoverable) {
      failed(why, nowNanos);
    } else if (stage == IncomingState.READY && !control && !source.isLost()) {
      recovery.bulkLostAtReady(why);
    } else {
      recovery.lost(why, nowNanos);
    }
  }

  /** The source has reconnected. Every page of earlier connections was placed or dropped. */
  void reconnected(int peerMillis, long nowNanos) {
    recovery.reconnected(peerMillis, nowNanos);
  }

  private void recover(long nowNanos) throws WireException {
    if (state() != IncomingState.RECOVERING || !recovery.recover(running.isStarted(), nowNanos)) {
      throw unexpected("RECOVER");
    }
  }

  /** The report of received pages was sent; this many base pages are missing. */
  void reported(long missingPages, long nowNanos) throws WireException {
    recovery.reported(running.isStarted(), nowNanos);
    if (receivingPhase.isCopied()) { // with placement continue the stale set says how many
      completion.expect(missingPages);
    }
    link.resume();
    running.recovered();
  }

  /** Something broke on this side; see {@link IncomingEnd#broke}. */
  void broke(String why, long nowNanos) {
    end.broke(why, nowNanos);
  }

  /** Ends the migration: nothing can go on here, or the source was given up. */
  void failed(String why, long nowNanos) {
    end.failed(why, nowNanos);
  }

  /** The report of a migration that has ended, or has come this far. */
  IncomingReport report(long nowNanos) {
    return IncomingReport.of(
        state(),
        running.isStarted(),
        end.error(),
        receivingPhase.prepared(),
        times,
        counters,
        source,
        nowNanos);
  }

  /** How many base pages are missing; -1 if it is not known yet. */
  long missingPages() {
    return completion.missing();
  }

  /** When the steps happened so far. */
  IncomingTimes times() {
    return times;
  }

  private void describe(VmDescription description, long nowNanos) throws WireException {
    checkReceiving("VM_DESCRIPTION");
    receivingPhase.describe(description, nowNanos);
  }

  private void load(DeviceState deviceState, long nowNanos) throws WireException {
    checkReceiving("DEVICE_STATE");
    receivingPhase.load(deviceState, nowNanos);
    readyIfLoaded();
  }

  /** Unless it was sent, or the migration has ended meanwhile. */
  private void readyIfLoaded() {
    if (stage == IncomingState.RECEIVING && receivingPhase.isReady()) {
      stage = IncomingState.READY;
      link.enter(TakeOverStage.READY);
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
    watch.awaitPages(nowNanos);
    running.start(nowNanos);
    String bulkLoss = recovery.bulkLoss();
    if (bulkLoss != null) {
      lost(bulkLoss, false, nowNanos);
    }
  }

  private void goodbye(long nowNanos) throws WireException {
    if (!completion.isSent()) {
      throw unexpected("GOODBYE");
    }
    end.completed(nowNanos);
  }

  private WireException unexpected(String what) {
    return new WireException("an unexpected " + what + " during " + state());
  }
}
