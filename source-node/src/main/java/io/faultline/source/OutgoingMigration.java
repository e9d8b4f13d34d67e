package io.faultline.source;

import io.faultline.proto.Heartbeats;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Goodbye;
import io.faultline.proto.wire.Pong;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The source's side of a migration, as a state machine:
 *
 * <pre>
 *   SETUP --memory prepared--> PRECOPY --rounds done--> SWITCHOVER --READY: RUN--> POSTCOPY
 *     |                           |                        |                          |
 *     +--- the VM goes on here: FAILED or CANCELLED -------+       completed: COMPLETED, or
 *                                                                  FAILED (the VM is not ours)
 * </pre>
 *
 * <p>What comes behind RUN is in {@link OutgoingPostcopy}.
 *
 * <p>It reads no clock and knows no socket. All calls come from one thread, the control loop.
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
  private long deadlineNanos;
  private @Nullable OutgoingPostcopy postcopy;
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
    PrecopyPolicy policy = new PrecopyPolicy(settings.mode(), settings.precopy());
    boolean sampling =
        settings.mode() == MigrationMode.HYBRID && settings.scanSettings().hotFirst();
    rounds = new PrecopyRounds(vm, regions, link, bytesSent, policy, sampling);
    switchover =
        new Switchover(vm, regions, link, settings, rounds, times, clockOffset, ownershipLog);
    times.startedNanos = nowNanos;
    deadlineNanos = nowNanos + SETUP_TIMEOUT_NANOS;
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

  /** Precopy rounds begun. */
  int rounds() {
    return rounds.count();
  }

  /** All connections are there and their hellos through; {@code ofThem} are signs of life. */
  void connected(Heartbeats ofThem, long nowNanos) {
    if (postcopy != null) {
      postcopy.connected(ofThem, nowNanos);
    } else {
      heartbeats = ofThem;
      link.send(ClockOffset.ping(nowNanos));
    }
  }

  /** Something has come on the control connection. */
  void heard(long nowNanos) {
    if (postcopy != null) {
      postcopy.heard(nowNanos);
    } else if (state == OutgoingState.PRECOPY) {
      heartbeats.received(nowNanos);
    }
  }

  /** A control frame arrived. */
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

  /** Whether a page request is in order now. */
  void checkRequest() throws WireException {
    if (state() != OutgoingState.POSTCOPY) {
      throw unexpected("page request");
    }
  }

  /** All stale pages are claimed, and urgent ones are on the way. */
  void backgroundDone(long urgentPages) {
    if (postcopy != null) {
      postcopy.backgroundDone(urgentPages);
    }
  }

  /** Called from time to time. */
  void tick(long nowNanos) {
    if (state.isFinal()) {
      return;
    }
    if (postcopy != null) {
      postcopy.tick(nowNanos);
      if (reconnectSchedule.isOver(nowNanos)) {
        failed(postcopy.standing(nowNanos), nowNanos);
      }
    } else if (deadlineNanos != 0 && nowNanos - deadlineNanos > 0) {
      failed("the destination did not answer in time during " + state, nowNanos);
    } else if (state == OutgoingState.PRECOPY) {
      rounds.tick(nowNanos);
      watch(nowNanos);
    }
  }

  /** Rounds have no limit, and a network that swallows them would never be noticed. */
  private void watch(long nowNanos) {
    if (heartbeats.isSilent(nowNanos)) {
      failed("the destination has been silent for too long", nowNanos);
    } else if (heartbeats.isQuiet(nowNanos)) {
      heartbeats.sent(nowNanos);
      link.send(ClockOffset.ping(nowNanos));
    }
  }

  /** Switches over as soon as can be; what precopy did not come to follows. */
  void switchOverNow() {
    if (state == OutgoingState.PRECOPY) {
      rounds.cut();
    }
  }

  /** A connection is gone or was not made: behind the commit point that ends nothing. */
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

  /** Ends the migration, and the VM goes on here; does nothing behind the commit point. */
  void cancel(long nowNanos) {
    if (postcopy == null) {
      finish(OutgoingState.CANCELLED, "the migration was cancelled at the source", nowNanos);
    }
  }

  /** The migration ends here. */
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
    } catch (RuntimeException e) { // the end must be told all the same
      error = (error == null ? "" : error + "; ") + "the dirty log: " + e.getMessage();
    }
  }

  private void pong(Pong pong, long nowNanos) throws WireException {
    if (clockOffset.isMeasured() && settings.mode().hasRounds() && !state.isFinal()) {
      return; // a sign of life
    }
    if (state != OutgoingState.SETUP || clockOffset.isMeasured()) {
      throw unexpected("PONG");
    }
    clockOffset.sample(pong.getSourceNanos(), pong.getDestinationNanos(), nowNanos);
    if (!clockOffset.isMeasured()) {
      link.send(ClockOffset.ping(nowNanos));
    } else {
      link.send(SetupMessages.of(vm, regions, settings));
    }
  }

  private void memoryPrepared(long nowNanos) throws WireException {
    if (state != OutgoingState.SETUP || !clockOffset.isMeasured()) {
      throw unexpected("MEMORY_PREPARED");
    }
    times.preparedNanos = nowNanos;
    if (settings.mode().hasRounds()) {
      state = OutgoingState.PRECOPY;
      deadlineNanos = 0; // a large VM over a slow link takes its time: TCP watches the peer
      times.precopyNanos = nowNanos;
      heartbeats.start(nowNanos);
      rounds.start(nowNanos);
    } else {
      startSwitchover(nowNanos);
    }
  }

  private void startSwitchover(long nowNanos) {
    state = OutgoingState.SWITCHOVER;
    deadlineNanos = nowNanos + SWITCHOVER_TIMEOUT_NANOS;
  }

  private void roundReceived(int round, long nowNanos) throws WireException {
    rounds.received(round);
    if (state != OutgoingState.PRECOPY) {
      return; // the last one, which the VM is paused for: switchover() goes on
    }
    switch (rounds.decide(nowNanos)) {
      case NEXT_ROUND -> rounds.next(nowNanos);
      case POSTCOPY -> {
        if (!rounds.discardAhead()) {
          startSwitchover(nowNanos);
        }
      }
      case STOP_AND_COPY -> {
        switchover.stopAndCopy();
        startSwitchover(nowNanos + settings.precopy().downtimeLimit().toNanos());
      }
      case GIVE_UP -> failed(rounds.notConverging(), nowNanos);
    }
  }

  /**
   * Switches over, if it is time to. Apart from {@link #received}, so that the clock can be read
   * again before and after the pause.
   *
   * @param clock this side's clock in nanoseconds
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
    } catch (IOException e) { // then nobody would know that RUN was sent: it is not
      failed(String.valueOf(e.getMessage()), nowNanos);
      return;
    }
    committed().commit(nowNanos);
  }

  /**
   * In place of the first connection: an earlier process of this migration has committed it.
   * Nothing is known but that, until the destination tells what it has.
   */
  void takeUp(long nowNanos) {
    regions.settle(); // all of it is stale
    committed().lost("the source's process had ended", nowNanos);
  }

  /** The VM is not ours from here on. */
  private OutgoingPostcopy committed() {
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
