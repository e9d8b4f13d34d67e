package io.faultline.source;

import io.faultline.proto.AnswerDeadline;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.PeerWait;
import io.faultline.proto.WireException;
import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.Running;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of the source after the commit point. The destination owns the VM, and the
 * migration continues however often the network fails:
 *
 * <pre>
 *   POSTCOPY --connection lost--> PAUSED --backoff over--> RECOVERING --pages known--> POSTCOPY
 *                                   ^                           |
 *                                   +------- any failure -------+
 * </pre>
 *
 * <p>Only the source knows for certain that it has committed. So it sends RUN again to a
 * destination that never received it.
 *
 * <p>Reads no clock and knows no socket. Confined to the control loop.
 */
final class OutgoingPostcopy {
  /** How long the destination may take to start the VM, or for one step of a recovery. */
  private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How long the destination may take to place what is on the way, once everything was sent. */
  private static final long COMPLETION_NANOS = TimeUnit.SECONDS.toNanos(120);

  private static final String LOST = "the connection counts as lost";

  private final OutgoingRegions regions;
  private final OutgoingLink link;
  private final OutgoingTimes times;
  private final ReconnectSchedule reconnectSchedule;
  private final Runnable onRunning;

  private OutgoingState state = OutgoingState.POSTCOPY;
  private Heartbeats heartbeats;
  private final AnswerDeadline answer = new AnswerDeadline();
  private boolean running;
  private boolean streamsEnded;
  private boolean phaseReported;
  private boolean destinationRuns;
  private @Nullable ReceivedPagesReader received;

  /** Unsent base pages after the last recovery, or at the start. */
  private long unsentBefore;

  /**
   * @param heartbeats of the current control connection
   * @param onRunning called when the destination reports RUNNING, once per attempt
   */
  OutgoingPostcopy(
      OutgoingRegions regions,
      OutgoingLink link,
      OutgoingTimes times,
      ReconnectSchedule reconnectSchedule,
      Heartbeats heartbeats,
      Runnable onRunning) {
    this.regions = regions;
    this.link = link;
    this.times = times;
    this.reconnectSchedule = reconnectSchedule;
    this.heartbeats = heartbeats;
    this.onRunning = onRunning;
    unsentBefore = regions.unsentPages();
  }

  /** {@link OutgoingState#POSTCOPY}, {@code PAUSED} or {@code RECOVERING}. */
  OutgoingState state() {
    return state;
  }

  /** The commit point. */
  void commit(long nowNanos) {
    heartbeats.start(nowNanos);
    sendRun(nowNanos);
  }

  /**
   * Handles a control frame that is valid only after the commit point.
   *
   * @return whether the destination has all pages
   */
  boolean received(Frame frame, long nowNanos) throws WireException {
    switch (frame.getBodyCase()) {
      case HEARTBEAT -> {
        heartbeats.received(nowNanos);
        link.memoryShort(frame.getHeartbeat().getMemoryShort());
      }
      case RUNNING -> running(frame.getRunning());
      case RECEIVED -> receivedPages(frame.getReceived(), nowNanos);
      case RECOVERY -> {
        return recoveryPhase(frame.getRecovery().getPhase(), nowNanos);
      }
      case COMPLETED -> {
        checkCompleted();
        return true;
      }
      default -> throw unexpected(frame.getBodyCase().toString());
    }
    return false;
  }

  /** Why the migration is given up, for the user. */
  String describeLoss(long nowNanos) {
    return "gave up: no connection for "
        + reconnectSchedule.outageLength(nowNanos)
        + " ("
        + reconnectSchedule.reason()
        + "); "
        + regions.unsentPages()
        + " of "
        + regions.totalPages()
        + " pages were never sent, and some of the others may not have arrived";
  }

  /** Something arrived on the control connection. */
  void peerAlive(long nowNanos) {
    heartbeats.received(nowNanos);
  }

  private void running(Running frame) throws WireException {
    if (state != OutgoingState.POSTCOPY || running) {
      throw unexpected("RUNNING");
    }
    running = true;
    destinationRuns = true;
    answer.clear(); // a large VM over a slow link takes long: heartbeats watch the peer
    if (times.firstInstructionDestinationNanos == 0) {
      times.firstInstructionDestinationNanos = frame.getFirstInstructionNanos();
      times.destinationDiscardNanos = frame.getDiscardNanos();
      times.destinationLoadNanos = frame.getLoadNanos();
      times.destinationStartNanos = frame.getStartNanos();
    }
    onRunning.run();
    link.startBackgroundScan(); // not earlier: it would compete with the start for CPU and link
  }

  /**
   * The background scan has found every page claimed.
   *
   * @param urgentPages base pages sent on the control connection
   */
  void backgroundDone(long urgentPages, long nowNanos) {
    if (state == OutgoingState.POSTCOPY) {
      streamsEnded = true;
      answer.start("confirm that it has every page", COMPLETION_NANOS, nowNanos);
      link.send(ControlFrames.streamEnd(urgentPages));
    }
  }

  private void checkCompleted() throws WireException {
    if (state != OutgoingState.POSTCOPY || !running || !streamsEnded) {
      throw unexpected("COMPLETED");
    }
  }

  /** A connection was lost, or could not be established. Closes the others of the attempt. */
  void lost(String why, long nowNanos) {
    if (state == OutgoingState.PAUSED) {
      return;
    }
    state = OutgoingState.PAUSED;
    answer.clear();
    reconnectSchedule.lost(why, nowNanos);
    link.send(ControlFrames.failure(why, true));
    link.disconnect();
  }

  /**
   * The connections of the next attempt are established.
   *
   * @param ofControl the heartbeats of the new control connection
   */
  void connected(Heartbeats ofControl, long nowNanos) {
    heartbeats = ofControl;
    answer.start("say in which phase it is", ANSWER_NANOS, nowNanos);
    running = false;
    streamsEnded = false;
    phaseReported = false;
    received = null;
    link.send(ControlFrames.recover());
  }

  private boolean recoveryPhase(Phase phase, long nowNanos) throws WireException {
    if (state != OutgoingState.RECOVERING || phaseReported) {
      throw unexpected("RECOVERY");
    }
    phaseReported = true;
    answer.start("report the pages that it has", ANSWER_NANOS, nowNanos);
    switch (phase) {
      case PHASE_COMPLETED -> reconnectSchedule.recovered(nowNanos);
      case PHASE_RUNNING -> {
        destinationRuns = true;
        received = new ReceivedPagesReader(regions);
      }
      case PHASE_READY -> {
        if (destinationRuns) {
          throw new WireException("the destination reports READY, but it has run the VM");
        }
        received = new ReceivedPagesReader(regions);
      }
      default -> throw new WireException("a recovery in an unknown phase: " + phase);
    }
    return phase == Phase.PHASE_COMPLETED;
  }

  private void receivedPages(PageSet frame, long nowNanos) throws WireException {
    if (state != OutgoingState.RECOVERING || received == null) {
      throw unexpected("RECEIVED");
    }
    received.read(frame);
    answer.start("report the pages that it has", ANSWER_NANOS, nowNanos);
    if (!received.isComplete()) {
      return;
    }
    answer.start("report that the VM runs", ANSWER_NANOS, nowNanos);
    state = OutgoingState.POSTCOPY;
    reconnectSchedule.recovered(nowNanos);
    long unsent = regions.unsentPages();
    if (unsent < unsentBefore) {
      reconnectSchedule.progressed();
    }
    unsentBefore = unsent;
    if (!destinationRuns) {
      sendRun(nowNanos);
    }
  }

  /** Called regularly. */
  void tick(long nowNanos) {
    switch (state) {
      case PAUSED -> {
        if (reconnectSchedule.isDue(nowNanos)) {
          state = OutgoingState.RECOVERING;
          answer.clear(); // connecting has its own timeouts
          reconnectSchedule.next();
          link.connect(reconnectSchedule.attempt(), reconnectSchedule.address());
        }
      }
      case POSTCOPY -> watchPeer(nowNanos);
      default -> {
        if (answer.isSet()) { // connected
          watchPeer(nowNanos);
        }
      }
    }
  }

  private void watchPeer(long nowNanos) {
    if (heartbeats.isSilent(nowNanos)) {
      lost("the destination has been silent for too long", nowNanos);
    } else if (answer.isOver(nowNanos)) {
      lost(answer.describe("the destination"), nowNanos);
    } else if (heartbeats.isDue(nowNanos)) {
      heartbeats.sent(nowNanos);
      link.send(ControlFrames.heartbeat());
    }
  }

  /** What the source waits for, for the user; null for nothing that could be reported. */
  @Nullable PeerWait waiting(long nowNanos) {
    if (state != OutgoingState.POSTCOPY && !answer.isSet()) {
      return reconnectSchedule.waiting();
    }
    PeerWait silence = heartbeats.silence(LOST, nowNanos);
    return silence == null ? answer.pending(LOST) : silence;
  }

  private void sendRun(long nowNanos) {
    answer.start("run the VM", ANSWER_NANOS, nowNanos);
    link.sendRun();
  }

  private WireException unexpected(String what) {
    return new WireException("an unexpected " + what + " during " + state);
  }
}
