package io.faultline.dest;

import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.StreamEnd;
import io.faultline.proto.wire.VmDescription;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The destination's side of a migration, as a state machine:
 *
 * <pre>
 *   RECEIVING --device state: READY--> READY --RUN: start--> RUNNING --both streams end--> COMPLETED
 *       |                                ^                      ^
 *       v                                |                      |
 *     FAILED (the VM goes on      PAUSED, then RECOVERING: the source is lost, and comes again
 *     at the source)              (FAILED, the VM stopped, where it is given up)
 * </pre>
 *
 * <p>Before READY a lost connection ends the migration. From READY on only the source knows whether
 * the VM is to run here: so the destination waits for it, and never guesses.
 *
 * <p>It reads no clock and knows no socket. All calls come from one thread, the control loop.
 */
final class IncomingMigration {
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(130);
  private static final long THANKS_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final IncomingVm vm;
  private final IncomingLink link;
  private final IncomingCounters counters;
  private final SourceLiveness source;
  private final ReceivingPhase receivingPhase;
  private final CompletionTracker completion;
  private final SourceLossHandler sourceLoss;
  private final IncomingTimes times = new IncomingTimes();

  /** Where it stands apart from outages. */
  private IncomingState stage = IncomingState.RECEIVING;

  private boolean vmStarted;
  private boolean asked;
  private long deadlineNanos;
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
    times.startedNanos = nowNanos;
    deadlineNanos = nowNanos + QUIET_NANOS;
  }

  IncomingState state() {
    return source.over(stage);
  }

  /** A control frame arrived. */
  void received(Frame frame, long nowNanos) throws WireException {
    switch (frame.getBodyCase()) {
      case PING -> link.send(ControlSender.pong(frame.getPing().getSourceNanos(), nowNanos));
      case VM_DESCRIPTION -> describe(frame.getVmDescription());
      case DEVICE_STATE -> load(frame.getDeviceState(), nowNanos);
      case RUN -> run(nowNanos);
      case STREAM_END -> urgentStreamEnded(frame.getStreamEnd());
      case GOODBYE -> goodbye(nowNanos);
      case HEARTBEAT -> {} // that it came is all it says
      case RECOVER -> tellPhase(nowNanos);
      case FAILURE -> {
        String why = "the source gave up: " + Hellos.printable(frame.getFailure().getMessage());
        end(why, frame.getFailure().getRecoverable(), true, nowNanos);
      }
      default -> throw unexpected(frame.getBodyCase().toString());
    }
  }

  /** Something has come on the control connection. */
  void heard(long nowNanos) {
    source.heartbeats().received(nowNanos);
  }

  /** The time after READY was sent, so that loading can be told from waiting. */
  void readySent(long nowNanos) {
    times.readySent(stage, nowNanos);
  }

  /** Whether pages on the control connection still count; before RUN nobody asks for any. */
  boolean takesUrgentPages() throws WireException {
    if (state() != IncomingState.RUNNING) {
      throw unexpected("run of pages");
    }
    return !completion.isSent();
  }

  /** All that a precopy round carried is in place. */
  void roundReceived(int received) throws WireException {
    checkReceiving("end of round " + received);
    receivingPhase.roundReceived(received);
  }

  /** Pages that will be sent again are forgotten; the time is that of the end. */
  void discarded(long pages, long tookNanos) throws WireException {
    checkReceiving("set of pages to discard");
    receivingPhase.discarded();
    times.discardNanos = tookNanos;
    completion.expect(pages);
    readyIfAllIsLoaded();
  }

  /** It is known how many pages are still to come. */
  void staleKnown(long pages) throws WireException {
    completion.expect(pages);
    completeIfAllIsHere();
  }

  /** The bulk connections have brought their last pages, and those are in place. */
  void bulkStreamEnded(long announcedPages, long receivedPages) throws WireException {
    completion.bulkEnded(announcedPages, receivedPages);
    completeIfAllIsHere();
  }

  /** Called from time to time. */
  void tick(long nowNanos) {
    if (completion.isSent() && deadlineNanos == 0) {
      deadlineNanos = nowNanos + THANKS_NANOS;
    }
    if (stage.isFinal()) {
      return;
    }
    boolean watched = (vmStarted || source.isOn()) && !source.isPaused();
    if (source.isOver(nowNanos)) {
      String never = "; RUN never came, and the VM is dropped here: the source knows whose it is";
      failed(source.tell(nowNanos) + (vmStarted ? "" : never), nowNanos);
    } else if (deadlineNanos != 0 && nowNanos - deadlineNanos > 0) {
      String why = "the source did not go on in time during " + state();
      end(why, !completion.isSent(), true, nowNanos);
    } else if (watched && source.heartbeats().isSilent(nowNanos)) {
      lost("the source has been silent for too long", true, nowNanos);
    } else if (watched && !completion.isSent() && source.heartbeats().isDue(nowNanos)) {
      source.heartbeats().sent(nowNanos);
      link.send(ControlSender.heartbeat());
    }
  }

  /** A connection is gone, perhaps the control connection: from READY on that ends nothing. */
  void lost(String why, boolean control, long nowNanos) {
    end(why, true, control, nowNanos);
  }

  private void end(String why, boolean recoverable, boolean control, long nowNanos) {
    if (stage.isFinal() || (completion.isSent() && !control)) {
      return;
    }
    if (stage == IncomingState.RECEIVING || !recoverable) {
      failed(why, nowNanos);
    } else if (stage == IncomingState.READY && !control && !source.isOn()) {
      bulkLoss = why; // the source is there, and knows whether this is the end of the migration
      link.send(ControlSender.failure(why, true));
    } else {
      source.begin(bulkLoss == null ? why : bulkLoss, nowNanos);
      deadlineNanos = completion.isSent() ? nowNanos + source.thanksNanos(THANKS_NANOS) : 0;
      link.send(ControlSender.failure(why, true));
      link.disconnect(why);
    }
  }

  /**
   * The source is there again: what came on earlier connections is in place or gone.
   *
   * @param peerMillis after how much silence it takes this side for gone; 0 for never
   */
  void reconnected(int peerMillis, long nowNanos) {
    source.connected(peerMillis, nowNanos);
    bulkLoss = null;
    asked = false;
    completion.renew();
  }

  private void tellPhase(long nowNanos) throws WireException {
    if (state() != IncomingState.RECOVERING || asked) {
      throw unexpected("RECOVER");
    }
    asked = true;
    Phase phase =
        completion.isSent()
            ? Phase.PHASE_COMPLETED
            : vmStarted ? Phase.PHASE_RUNNING : Phase.PHASE_READY;
    link.send(ControlSender.recovery(phase));
    if (completion.isSent()) {
      source.end(nowNanos);
    } else {
      link.report();
    }
  }

  /** The source was told what is here; so many base pages are missing. */
  void reported(long missingPages, long nowNanos) throws WireException {
    source.end(nowNanos);
    if (receivingPhase.isCopied()) { // else the stale set tells
      completion.expect(missingPages);
    }
    link.resume();
    sendRunning();
    completeIfAllIsHere();
  }

  /** It ends here: something on this side broke, or nobody comes back. */
  void failed(String why, long nowNanos) {
    if (stage.isFinal()) {
      return;
    }
    times.endedNanos = nowNanos;
    if (completion.isSent()) {
      // Every page is here: the source's thanks are all that is missing.
      stage = IncomingState.COMPLETED;
      link.ended();
      return;
    }
    boolean poison = vmStarted && source.poisons(nowNanos);
    error = why;
    stage = IncomingState.FAILED;
    link.send(ControlSender.failure(why, false));
    error +=
        poison
            ? sourceLoss.poison()
            : sourceLoss.stop(vmStarted, completion.missing(receivingPhase.totalPages()));
    link.ended();
  }

  IncomingReport report() {
    return IncomingReport.of(
        stage, vmStarted, error, receivingPhase.prepared(), times, counters, source);
  }

  private void describe(VmDescription description) throws WireException {
    checkReceiving("VM_DESCRIPTION");
    PreparedMemory made = receivingPhase.describe(description);
    if (made.parameters().precopy()) {
      deadlineNanos = 0; // a large VM over a slow link takes its time: TCP watches the peer
    } else if (!made.parameters().tellsStale()) {
      completion.expect(made.totalPages());
    }
  }

  private void load(DeviceState deviceState, long nowNanos) throws WireException {
    checkReceiving("DEVICE_STATE");
    times.stateArrivedNanos = nowNanos;
    deadlineNanos = nowNanos + QUIET_NANOS;
    receivingPhase.load(deviceState);
    readyIfAllIsLoaded();
  }

  private void readyIfAllIsLoaded() {
    if (receivingPhase.isReady()) {
      stage = IncomingState.READY;
      link.send(ControlSender.ready());
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
    deadlineNanos = 0; // a large VM over a slow link takes its time: heartbeats watch the peer
    vmStarted = true;
    source.heartbeats().start(nowNanos);
    link.guestRuns();
    vm.start(nanos -> link.later(() -> firstInstruction(nanos)));
    if (bulkLoss != null) {
      lost(bulkLoss, false, nowNanos);
    }
  }

  private void firstInstruction(long nanos) throws WireException {
    if (stage == IncomingState.RUNNING) {
      times.firstInstructionNanos = nanos;
      if (!source.isOn()) { // else it is told when the source is there again
        sendRunning();
        completeIfAllIsHere();
      }
    }
  }

  private void sendRunning() {
    if (times.firstInstructionNanos != 0) {
      link.send(ControlSender.running(times));
    }
  }

  private void urgentStreamEnded(StreamEnd end) throws WireException {
    if (state() != IncomingState.RUNNING || completion.isUrgentEnded()) {
      throw unexpected("STREAM_END");
    }
    completion.urgentEnded(end.getPages());
    completeIfAllIsHere();
  }

  private void completeIfAllIsHere() throws WireException {
    if (state() == IncomingState.RUNNING && times.firstInstructionNanos != 0) {
      completion.completeIfAllIsHere();
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
