package io.faultline.source;

import io.faultline.proto.AnswerDeadline;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.Hellos;
import io.faultline.proto.PeerWait;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Goodbye;
import io.faultline.proto.wire.Pong;
import io.faultline.source.connect.ReconnectSchedule;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of an outgoing migration:
 *
 * <pre>
 *   SETUP --memory prepared--> PRECOPY --rounds done--> SWITCHOVER --READY: RUN--> POSTCOPY
 *     |                           |                        |                          |
 *     +------ FAILED or CANCELLED: the VM resumes here ----+            COMPLETED, or FAILED:
 *                                                                  the destination owns the VM
 * </pre>
 *
 * <p>After RUN, {@link OutgoingPostcopy} takes over.
 *
 * <p>Reads no clock and knows no socket. Confined to the control loop.
 */
final class OutgoingMigration {
  private static final long SETUP_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final long SWITCHOVER_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final OutgoingVm vm;
  private final OwnershipLog ownershipLog;
  private final OutgoingRegions regions;
  private final OutgoingLink link;
  private final SourceSettings settings;
  private final PrecopyRounds rounds;
  private final Switchover switchover;
  private final ReconnectSchedule reconnectSchedule;
  private final OutgoingTimes times = new OutgoingTimes();
  private final ClockOffset clockOffset = new ClockOffset();

  private OutgoingState state = OutgoingState.SETUP;
  private Heartbeats heartbeats = new Heartbeats(0, 0, 0);
  private final AnswerDeadline answer = new AnswerDeadline();
  private @Nullable OutgoingPostcopy postcopy;

  /** A round has arrived, and what follows waits for the end of the user's pause. */
  private boolean roundHeld;

  private @Nullable String error;

  OutgoingMigration(
      OutgoingVm vm,
      OutgoingRegions regions,
      SourceSettings settings,
      OutgoingLink link,
      LongSupplier bytesSent,
      ReconnectSchedule reconnectSchedule,
      OwnershipLog ownershipLog,
      long nowNanos) {
    this.vm = vm;
    this.ownershipLog = ownershipLog;
    this.regions = regions;
    this.settings = settings;
    this.link = link;
    this.reconnectSchedule = reconnectSchedule;
    rounds = new PrecopyRounds(vm, regions, link, bytesSent, settings);
    switchover =
        new Switchover(vm, regions, link, settings, rounds, times, clockOffset, ownershipLog);
    times.startedNanos = nowNanos;
    answer.start("accept its connections", SETUP_TIMEOUT_NANOS, nowNanos);
  }

  OutgoingState state() {
    return postcopy == null || state.isFinal() ? state : postcopy.state();
  }

  SourceSettings settings() {
    return settings;
  }

  boolean isCommitted() {
    return postcopy != null;
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

  /** Precopy rounds started. */
  int rounds() {
    return rounds.count();
  }

  /** See {@link PrecopyRounds#dirtyBytesPerSecond}. */
  long dirtyBytesPerSecond() {
    return rounds.dirtyBytesPerSecond();
  }

  /**
   * All connections of an attempt are established, and their handshakes done.
   *
   * @param ofControl the heartbeats of the new control connection
   */
  void connected(Heartbeats ofControl, long nowNanos) {
    if (postcopy != null) {
      postcopy.connected(ofControl, nowNanos);
    } else {
      heartbeats = ofControl;
      answer.next("answer");
      link.send(ClockOffset.ping(nowNanos));
    }
  }

  /** Something arrived on the control connection. */
  void peerAlive(long nowNanos) {
    if (postcopy != null) {
      postcopy.peerAlive(nowNanos);
    } else if (state == OutgoingState.PRECOPY) {
      rounds.peerAlive(nowNanos);
    }
  }

  /** Handles a control frame. */
  void received(Frame frame, long nowNanos) throws WireException {
    switch (frame.getBodyCase()) {
      case PONG -> pong(frame.getPong(), nowNanos);
      case MEMORY_PREPARED -> memoryPrepared(nowNanos);
      case ROUND_RECEIVED -> roundReceived(frame.getRoundReceived().getRound(), nowNanos);
      case READY -> ready(nowNanos);
      case FAILURE ->
          end(
              "the destination gave up: " + Hellos.printable(frame.getFailure().getMessage()),
              frame.getFailure().getRecoverable(),
              nowNanos);
      default -> {
        if (postcopy == null || state.isFinal()) {
          throw unexpected(frame.getBodyCase().toString());
        }
        if (postcopy.received(frame, nowNanos)) {
          completed(nowNanos);
        }
      }
    }
  }

  /** Refuses a page request if it is not expected in this state. */
  void checkRequest() throws WireException {
    if (state() != OutgoingState.POSTCOPY) {
      throw unexpected("page request");
    }
  }

  /**
   * The background scan has found all stale pages claimed.
   *
   * @param urgentPages base pages sent on the control connection
   */
  void backgroundDone(long urgentPages, long nowNanos) {
    if (postcopy != null) {
      postcopy.backgroundDone(urgentPages, nowNanos);
    }
  }

  /** Called regularly. */
  void tick(long nowNanos) {
    if (state.isFinal()) {
      return;
    }
    if (postcopy != null) {
      postcopy.tick(nowNanos);
      if (reconnectSchedule.isOver(nowNanos)) {
        failed(postcopy.describeLoss(nowNanos), nowNanos);
      }
    } else if (answer.isOver(nowNanos)) {
      failed(answer.describe("the destination"), nowNanos);
    } else if (state == OutgoingState.PRECOPY) {
      String failure = rounds.tick(nowNanos);
      if (failure != null) {
        failed(failure, nowNanos);
      }
    }
  }

  /** What the source waits for, for the user; null for nothing that could be reported. */
  @Nullable PeerWait waiting(long nowNanos) {
    if (state.isFinal()) {
      return null;
    }
    if (postcopy != null) {
      return postcopy.waiting(nowNanos);
    }
    return state == OutgoingState.PRECOPY
        ? rounds.waiting(nowNanos)
        : answer.pending("the migration fails, and the VM continues here");
  }

  /** The end of a precopy round was sent. */
  void roundSent(int round, long nowNanos) {
    rounds.sent(round, nowNanos);
  }

  /** Ends precopy and switches over as soon as possible. Dirty pages are sent afterwards. */
  void switchOverNow(long nowNanos) {
    if (state == OutgoingState.PRECOPY) {
      rounds.cut();
      continueHeldRound(nowNanos);
    }
  }

  /** The user has paused the bulk stream: no round starts, and none is followed by a switchover. */
  void pauseBulk(long nowNanos) {
    rounds.pause(nowNanos);
  }

  /** The user has ended the pause. */
  void resumeBulk(long nowNanos) {
    rounds.resume(nowNanos);
    continueHeldRound(nowNanos);
  }

  private void continueHeldRound(long nowNanos) {
    if (roundHeld && state == OutgoingState.PRECOPY) {
      roundHeld = false;
      afterRound(nowNanos);
    }
  }

  /**
   * A connection was lost, or could not be established. After the commit point that does not end
   * the migration.
   */
  void lost(String why, long nowNanos) {
    end(why, true, nowNanos);
  }

  private void end(String why, boolean recoverable, long nowNanos) {
    if (postcopy == null || !recoverable) {
      failed(why, nowNanos);
    } else if (!state.isFinal()) {
      postcopy.lost(why, nowNanos);
    }
  }

  /** Ends the migration, and resumes the VM here. Does nothing after the commit point. */
  void cancel(long nowNanos) {
    if (postcopy == null) {
      finish(OutgoingState.CANCELLED, "the migration was cancelled at the source", nowNanos);
    }
  }

  /** Ends the migration with an error. */
  void failed(String why, long nowNanos) {
    finish(OutgoingState.FAILED, why, nowNanos);
  }

  private void finish(OutgoingState as, String why, long nowNanos) {
    if (state.isFinal()) {
      return;
    }
    error = why;
    state = as;
    times.endedNanos = nowNanos;
    if (postcopy == null) {
      error += switchover.release();
    }
    stopLogging();
    link.send(Frame.newBuilder().setFailure(Failure.newBuilder().setMessage(why)).build());
    link.ended();
  }

  private void stopLogging() {
    try {
      rounds.close();
    } catch (RuntimeException e) { // must not prevent the end of the migration
      error = (error == null ? "" : error + "; ") + "the dirty log: " + e.getMessage();
    }
  }

  private void pong(Pong pong, long nowNanos) throws WireException {
    if (clockOffset.isMeasured() && settings.mode().hasRounds() && !state.isFinal()) {
      return; // answers a ping of watchPeer
    }
    if (state != OutgoingState.SETUP || clockOffset.isMeasured()) {
      throw unexpected("PONG");
    }
    clockOffset.sample(pong.getSourceNanos(), pong.getDestinationNanos(), nowNanos);
    if (!clockOffset.isMeasured()) {
      link.send(ClockOffset.ping(nowNanos));
    } else {
      link.send(SetupMessages.vmDescription(vm, regions, settings));
      answer.next("prepare its memory");
    }
  }

  private void memoryPrepared(long nowNanos) throws WireException {
    if (state != OutgoingState.SETUP || !clockOffset.isMeasured()) {
      throw unexpected("MEMORY_PREPARED");
    }
    times.preparedNanos = nowNanos;
    if (settings.mode().hasRounds()) {
      state = OutgoingState.PRECOPY;
      answer.clear(); // a large VM over a slow link takes long: PrecopyWatch watches the peer
      times.precopyNanos = nowNanos;
      rounds.start(heartbeats, nowNanos);
    } else {
      startSwitchover(0, nowNanos);
    }
  }

  private void startSwitchover(long extraNanos, long nowNanos) {
    state = OutgoingState.SWITCHOVER;
    answer.start("be ready to run the VM", SWITCHOVER_TIMEOUT_NANOS + extraNanos, nowNanos);
  }

  private void roundReceived(int round, long nowNanos) throws WireException {
    rounds.received(round);
    if (state != OutgoingState.PRECOPY) {
      return; // the last round, with the VM paused: switchover() continues
    }
    roundHeld = rounds.isHeld();
    if (!roundHeld) {
      afterRound(nowNanos);
    }
  }

  private void afterRound(long nowNanos) {
    switch (rounds.decide(nowNanos)) {
      case NEXT_ROUND -> rounds.next(nowNanos);
      case POSTCOPY -> {
        if (!rounds.discardAhead()) {
          startSwitchover(0, nowNanos);
        }
      }
      case STOP_AND_COPY -> {
        switchover.stopAndCopy();
        startSwitchover(settings.precopy().downtimeLimit().toNanos(), nowNanos);
      }
      case GIVE_UP -> failed(rounds.describeFailure(), nowNanos);
    }
  }

  /**
   * Takes the next step of the switchover, if one is possible. Separate from {@link #received}
   * because it reads the clock between its steps.
   *
   * @param clock the source's clock in nanoseconds
   */
  void switchover(LongSupplier clock) {
    if (state != OutgoingState.SWITCHOVER) {
      return;
    }
    try {
      switchover.step(clock);
    } catch (IOException e) {
      failed(String.valueOf(e.getMessage()), clock.getAsLong());
    }
  }

  private void ready(long nowNanos) throws WireException {
    if (state != OutgoingState.SWITCHOVER || !switchover.isStateSent()) {
      throw unexpected("READY");
    }
    try {
      ownershipLog.committed();
    } catch (IOException e) { // RUN must not be sent without a record of it
      failed(String.valueOf(e.getMessage()), nowNanos);
      return;
    }
    enterPostcopy().commit(nowNanos);
  }

  /**
   * Resumes a migration that an earlier source process has committed. Called instead of connecting.
   * All pages count as stale until the destination reports which ones it has.
   */
  void resumeCommitted(long nowNanos) {
    regions.markStale();
    enterPostcopy().lost("the previous source process has ended", nowNanos);
  }

  /** From here on the destination owns the VM. */
  private OutgoingPostcopy enterPostcopy() {
    state = OutgoingState.POSTCOPY;
    postcopy =
        new OutgoingPostcopy(
            regions, link, times, reconnectSchedule, heartbeats, this::stopLogging);
    return postcopy;
  }

  private void completed(long nowNanos) {
    times.endedNanos = nowNanos;
    state = OutgoingState.COMPLETED;
    error = switchover.completed();
    link.send(Frame.newBuilder().setGoodbye(Goodbye.getDefaultInstance()).build());
    link.ended();
  }

  private WireException unexpected(String what) {
    return new WireException("an unexpected " + what + " during " + state());
  }
}
