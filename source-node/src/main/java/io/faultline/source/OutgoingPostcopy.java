package io.faultline.source;

import io.faultline.proto.Heartbeats;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Heartbeat;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.Phase;
import io.faultline.proto.wire.Recover;
import io.faultline.proto.wire.Running;
import io.faultline.proto.wire.StreamEnd;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The source behind the commit point. The VM is the destination's, and what is left to do is done
 * however often the network fails:
 *
 * <pre>
 *   POSTCOPY --a connection is lost--> PAUSED --time is up--> RECOVERING --all is told--> POSTCOPY
 *                                        ^                        |
 *                                        +---- any failure -------+
 * </pre>
 *
 * <p>Nobody but the source knows whether it has committed: so a destination that never got RUN gets
 * it again.
 *
 * <p>Reads no clock and knows no socket. Belongs to the control loop.
 */
final class OutgoingPostcopy {
  /** How long the destination may take to start the VM, or to go on with a recovery. */
  private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final OutgoingRegions regions;
  private final OutgoingLink link;
  private final OutgoingTimes times;
  private final ReconnectSchedule reconnectSchedule;
  private final Runnable onRunning;

  private OutgoingState state = OutgoingState.POSTCOPY;
  private Heartbeats heartbeats;
  private long deadlineNanos;
  private boolean running;
  private boolean streamsEnded;
  private boolean toldPhase;
  private boolean destinationRuns;
  private @Nullable ReceivedPagesReader received;

  /** Base pages that the destination lacked when it was known last. */
  private long missing;

  /**
   * @param heartbeats of the control connection that is there
   * @param onRunning called when the destination runs the VM, on each of its connections
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
    missing = regions.unsentPages();
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
   * A control frame that only comes behind the commit point.
   *
   * @return whether the destination has all
   */
  boolean received(Frame frame, long nowNanos) throws WireException {
    switch (frame.getBodyCase()) {
      case HEARTBEAT -> heartbeats.received(nowNanos);
      case RUNNING -> running(frame.getRunning());
      case RECEIVED -> receivedTold(frame.getReceived(), nowNanos);
      case RECOVERY -> {
        return phaseTold(frame.getRecovery().getPhase(), nowNanos);
      }
      case COMPLETED -> {
        checkCompleted();
        return true;
      }
      default -> throw unexpected(frame.getBodyCase().toString());
    }
    return false;
  }

  /** How it stands where nobody came back, for a person. */
  String standing(long nowNanos) {
    return "gave up: no connection for "
        + reconnectSchedule.awayFor(nowNanos)
        + " ("
        + reconnectSchedule.reason()
        + "); "
        + regions.unsentPages()
        + " of "
        + regions.totalPages()
        + " pages were never sent, and of the others some may not have arrived";
  }

  /** Something has come on the control connection. */
  void heard(long nowNanos) {
    heartbeats.received(nowNanos);
  }

  private void running(Running frame) throws WireException {
    if (state != OutgoingState.POSTCOPY || running) {
      throw unexpected("RUNNING");
    }
    running = true;
    destinationRuns = true;
    deadlineNanos = 0; // a large VM over a slow link takes its time: heartbeats watch the peer
    if (times.firstInstructionDestinationNanos == 0) {
      times.firstInstructionDestinationNanos = frame.getFirstInstructionNanos();
      times.destinationDiscardNanos = frame.getDiscardNanos();
      times.destinationLoadNanos = frame.getLoadNanos();
      times.destinationStartNanos = frame.getStartNanos();
    }
    onRunning.run();
    link.startBackground(); // not before: it would take processors and the link from the start
  }

  /** The background scan has found every page claimed; all urgent ones are on the way. */
  void backgroundDone(long urgentPages) {
    if (state == OutgoingState.POSTCOPY) {
      streamsEnded = true;
      link.send(
          Frame.newBuilder().setStreamEnd(StreamEnd.newBuilder().setPages(urgentPages)).build());
    }
  }

  private void checkCompleted() throws WireException {
    if (state != OutgoingState.POSTCOPY || !running || !streamsEnded) {
      throw unexpected("COMPLETED");
    }
  }

  /** A connection is gone, or could not be made: all of the attempt go, and others come. */
  void lost(String why, long nowNanos) {
    if (state == OutgoingState.PAUSED) {
      return;
    }
    state = OutgoingState.PAUSED;
    deadlineNanos = 0;
    reconnectSchedule.lost(why, nowNanos);
    link.send(
        Frame.newBuilder()
            .setFailure(Failure.newBuilder().setMessage(why).setRecoverable(true))
            .build());
    link.disconnect();
  }

  /** The connections of the next attempt are there. */
  void connected(Heartbeats ofThem, long nowNanos) {
    heartbeats = ofThem;
    deadlineNanos = nowNanos + ANSWER_NANOS;
    running = false;
    streamsEnded = false;
    toldPhase = false;
    received = null;
    link.send(Frame.newBuilder().setRecover(Recover.getDefaultInstance()).build());
  }

  private boolean phaseTold(Phase phase, long nowNanos) throws WireException {
    if (state != OutgoingState.RECOVERING || toldPhase) {
      throw unexpected("RECOVERY");
    }
    toldPhase = true;
    deadlineNanos = nowNanos + ANSWER_NANOS;
    switch (phase) {
      case PHASE_COMPLETED -> reconnectSchedule.recovered(nowNanos);
      case PHASE_RUNNING -> {
        destinationRuns = true;
        received = new ReceivedPagesReader(regions);
      }
      case PHASE_READY -> {
        if (destinationRuns) {
          throw new WireException("a destination that ran the VM says that it never did");
        }
        received = new ReceivedPagesReader(regions);
      }
      default -> throw new WireException("a recovery in the unknown phase " + phase);
    }
    return phase == Phase.PHASE_COMPLETED;
  }

  private void receivedTold(PageSet frame, long nowNanos) throws WireException {
    if (state != OutgoingState.RECOVERING || received == null) {
      throw unexpected("RECEIVED");
    }
    received.read(frame);
    deadlineNanos = nowNanos + ANSWER_NANOS;
    if (!received.isEnded()) {
      return;
    }
    state = OutgoingState.POSTCOPY;
    reconnectSchedule.recovered(nowNanos);
    long left = regions.unsentPages();
    if (left < missing) {
      reconnectSchedule.progressed();
    }
    missing = left;
    if (!destinationRuns) {
      sendRun(nowNanos);
    }
  }

  /** Called from time to time. */
  void tick(long nowNanos) {
    switch (state) {
      case PAUSED -> {
        if (reconnectSchedule.isDue(nowNanos)) {
          state = OutgoingState.RECOVERING;
          deadlineNanos = 0; // connecting has limits of its own
          reconnectSchedule.next();
          link.connect(reconnectSchedule.attempt(), reconnectSchedule.address());
        }
      }
      case POSTCOPY -> watch(nowNanos);
      default -> {
        if (deadlineNanos != 0) { // connected
          watch(nowNanos);
        }
      }
    }
  }

  private void watch(long nowNanos) {
    if (heartbeats.isSilent(nowNanos)) {
      lost("the destination has been silent for too long", nowNanos);
    } else if (deadlineNanos != 0 && nowNanos - deadlineNanos > 0) {
      lost("the destination did not answer in time during " + state, nowNanos);
    } else if (heartbeats.isDue(nowNanos)) {
      heartbeats.sent(nowNanos);
      link.send(Frame.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build());
    }
  }

  private void sendRun(long nowNanos) {
    deadlineNanos = nowNanos + ANSWER_NANOS;
    link.run();
  }

  private WireException unexpected(String what) {
    return new WireException("an unexpected " + what + " during " + state);
  }
}
