package io.faultline.source;

import io.faultline.proto.AnswerDeadline;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.PeerWait;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Pong;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of the source up to the commit point:
 *
 * <pre>
 *   SETUP --memory prepared--> PRECOPY --rounds done--> SWITCHOVER --READY--> the commit point
 *     |                                                     ^
 *     +--------------- mode postcopy -----------------------+
 * </pre>
 *
 * <p>Reads no clock and knows no socket. Confined to the control loop.
 */
final class OutgoingHandover {
  private static final long SETUP_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(120);
  private static final long SWITCHOVER_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final OutgoingVm vm;
  private final OutgoingRegions regions;
  private final SourceSettings settings;
  private final OutgoingLink link;
  private final OutgoingTimes times;
  private final Supplier<OutgoingState> ofMigration;
  private final PrecopyRounds rounds;
  private final Switchover switchover;
  private final ClockOffset clockOffset = new ClockOffset();
  private final AnswerDeadline answer = new AnswerDeadline();

  private OutgoingState state = OutgoingState.SETUP;
  private Heartbeats heartbeats = new Heartbeats(0, 0, 0);

  /** A round has arrived, and what follows waits for the end of the user's pause. */
  private boolean roundHeld;

  /**
   * @param ofMigration the state of the whole migration, which may have ended, or have committed
   * @param bytesSent bytes sent so far, in total
   */
  OutgoingHandover(
      OutgoingVm vm,
      OutgoingRegions regions,
      SourceSettings settings,
      OutgoingLink link,
      OutgoingTimes times,
      LongSupplier bytesSent,
      OwnershipLog ownershipLog,
      Supplier<OutgoingState> ofMigration,
      long nowNanos) {
    this.vm = vm;
    this.regions = regions;
    this.settings = settings;
    this.link = link;
    this.times = times;
    this.ofMigration = ofMigration;
    rounds = new PrecopyRounds(vm, regions, link, bytesSent, settings);
    switchover =
        new Switchover(vm, regions, link, settings, rounds, times, clockOffset, ownershipLog);
    answer.start("accept its connections", SETUP_TIMEOUT_NANOS, nowNanos);
  }

  /** {@link OutgoingState#SETUP}, {@code PRECOPY} or {@code SWITCHOVER}. */
  OutgoingState state() {
    return state;
  }

  ClockOffset clockOffset() {
    return clockOffset;
  }

  PrecopyRounds rounds() {
    return rounds;
  }

  Switchover switchover() {
    return switchover;
  }

  /** The heartbeats of the control connection. */
  Heartbeats heartbeats() {
    return heartbeats;
  }

  /** All connections are established, and their handshakes done. */
  void connected(Heartbeats ofControl, long nowNanos) {
    heartbeats = ofControl;
    answer.next("answer");
    link.send(ClockOffset.ping(nowNanos));
  }

  /** Something arrived on the control connection. */
  void peerAlive(long nowNanos) {
    if (state == OutgoingState.PRECOPY) {
      rounds.peerAlive(nowNanos);
    }
  }

  /**
   * Called regularly.
   *
   * @return why the migration has failed, for the user; null if it has not
   */
  @Nullable String tick(long nowNanos) {
    String ended = describeEnd();
    if (ended != null) {
      return ended;
    }
    if (answer.isOver(nowNanos)) {
      return answer.describe("the destination");
    }
    return state == OutgoingState.PRECOPY ? rounds.tick(nowNanos) : null;
  }

  /**
   * Why the migration has failed if the VM has ended before its state was sent, which is the reason
   * of other failures then; null if it has not.
   */
  @Nullable String describeEnd() {
    return !switchover.isStateSent() && vm.hasEnded() ? "the VM has ended at the source" : null;
  }

  /** What the source waits for, for the user; null for nothing that could be reported. */
  @Nullable PeerWait waiting(long nowNanos) {
    return state == OutgoingState.PRECOPY
        ? rounds.waiting(nowNanos)
        : answer.pending("the migration fails, and the VM continues here");
  }

  /** A ping was answered: the clocks are compared, then the VM is described. */
  void pong(Pong pong, long nowNanos) throws WireException {
    OutgoingState now = ofMigration.get();
    if (clockOffset.isMeasured() && settings.mode().hasRounds() && !now.isFinal()) {
      return; // answers a ping of PrecopyWatch
    }
    if (now != OutgoingState.SETUP || clockOffset.isMeasured()) {
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

  /** The destination has prepared its memory. */
  void memoryPrepared(long nowNanos) throws WireException {
    if (ofMigration.get() != OutgoingState.SETUP || !clockOffset.isMeasured()) {
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

  /**
   * The destination has placed all pages of a round.
   *
   * @return why the migration has failed, for the user; null if it has not
   */
  @Nullable String roundReceived(int round, long nowNanos) throws WireException {
    rounds.received(round);
    if (ofMigration.get() != OutgoingState.PRECOPY) {
      return null; // the last round, with the VM paused: step() continues
    }
    roundHeld = rounds.isHeld();
    return roundHeld ? null : afterRound(nowNanos);
  }

  /**
   * Ends precopy as soon as possible.
   *
   * @return why the migration has failed, for the user; null if it has not
   */
  @Nullable String switchOverNow(long nowNanos) {
    if (ofMigration.get() != OutgoingState.PRECOPY) {
      return null;
    }
    rounds.cut();
    return continueHeldRound(nowNanos);
  }

  /**
   * The user has ended the pause of the bulk stream.
   *
   * @return why the migration has failed, for the user; null if it has not
   */
  @Nullable String resumeBulk(long nowNanos) {
    rounds.resume(nowNanos);
    return continueHeldRound(nowNanos);
  }

  private @Nullable String continueHeldRound(long nowNanos) {
    if (!roundHeld || ofMigration.get() != OutgoingState.PRECOPY) {
      return null;
    }
    roundHeld = false;
    return afterRound(nowNanos);
  }

  private @Nullable String afterRound(long nowNanos) {
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
      case GIVE_UP -> {
        return rounds.describeFailure();
      }
    }
    return null;
  }

  private void startSwitchover(long extraNanos, long nowNanos) {
    state = OutgoingState.SWITCHOVER;
    answer.start("be ready to run the VM", SWITCHOVER_TIMEOUT_NANOS + extraNanos, nowNanos);
  }

  /**
   * Takes the next step of the switchover, if one is possible.
   *
   * @param clock the source's clock in nanoseconds
   * @throws IOException if the ownership log cannot be written
   */
  void step(LongSupplier clock) throws IOException {
    if (ofMigration.get() == OutgoingState.SWITCHOVER) {
      switchover.step(clock);
    }
  }

  /** Refuses READY before the state of the VM was sent. */
  void checkReady() throws WireException {
    if (ofMigration.get() != OutgoingState.SWITCHOVER || !switchover.isStateSent()) {
      throw unexpected("READY");
    }
  }

  private WireException unexpected(String what) {
    return new WireException("an unexpected " + what + " during " + ofMigration.get());
  }
}
