package io.faultline.source;

import io.faultline.memory.DirtyLog;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.PeerWait;
import io.faultline.proto.WireException;
import io.faultline.source.recording.OutgoingEvents;
import io.faultline.source.recording.OutgoingRecording;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sequence of precopy rounds: starts each round, reads the dirty log after it, and decides what
 * to do next. Confined to the control loop.
 */
final class PrecopyRounds implements AutoCloseable {
  /**
   * The maximum number of discard rounds. Either each leaves fewer pages than the one before, or
   * further rounds would not help.
   */
  private static final int MAX_DISCARD_ROUNDS = 4;

  /** Fewer pages than this can be discarded during the pause, in about a millisecond. */
  private static final long MIN_DISCARDS = 1024;

  private static final double NANOS_PER_SECOND = 1e9;

  private final OutgoingVm vm;
  private final OutgoingRegions regions;
  private final OutgoingLink link;
  private final LongSupplier bytesSent;
  private final PrecopyPolicy policy;
  private final @Nullable OutgoingRecording recording;
  private final PrecopyWatch watch;

  /** Whether to read the dirty log during rounds as well, to find out which pages are hot. */
  private final boolean sampling;

  private @Nullable DirtyLog log;
  private int round;
  private int discardRounds;
  private boolean underWay;
  private boolean cut;
  private boolean paused;

  /**
   * Whether the user paused the current round: the VM has written meanwhile, and nothing was sent.
   */
  private boolean roundWasPaused;

  private long pausedNanos;
  private long startedNanos;
  private long roundStartedNanos;
  private long bytesBefore;
  private long dirtyBytesPerSecond = -1;

  /**
   * @param bytesSent bytes sent so far, in total
   */
  PrecopyRounds(
      OutgoingVm vm,
      OutgoingRegions regions,
      OutgoingLink link,
      LongSupplier bytesSent,
      SourceSettings settings) {
    this.vm = vm;
    this.regions = regions;
    this.link = link;
    this.bytesSent = bytesSent;
    watch = new PrecopyWatch(link);
    policy = new PrecopyPolicy(settings.mode(), settings.precopy());
    recording = settings.recording();
    sampling = settings.mode() == MigrationMode.HYBRID && settings.scanSettings().hotFirst();
  }

  /** Rounds started, without discard rounds. */
  int count() {
    return round - discardRounds;
  }

  /** Whether the destination may not have received all of the current round yet. */
  boolean isUnderWay() {
    return underWay;
  }

  /** How fast the VM dirtied memory in the last round without a pause; -1 if none has ended. */
  long dirtyBytesPerSecond() {
    return dirtyBytesPerSecond;
  }

  /**
   * Starts the dirty log and the first round.
   *
   * @param heartbeats of the control connection
   */
  void start(Heartbeats heartbeats, long nowNanos) {
    watch.start(heartbeats, nowNanos);
    log = vm.dirtyLog();
    log.start();
    startedNanos = nowNanos;
    next(nowNanos);
  }

  /** Starts the next round. */
  void next(long nowNanos) {
    round++;
    underWay = true;
    roundWasPaused = paused;
    roundStartedNanos = nowNanos;
    bytesBefore = bytesSent.getAsLong();
    link.startRound(round);
  }

  /** Something arrived on the control connection. */
  void peerAlive(long nowNanos) {
    watch.peerAlive(nowNanos);
  }

  /** The end of a round was sent. The destination may have confirmed it already. */
  void sent(int number, long nowNanos) {
    if (underWay && number == round) {
      watch.roundSent(number, nowNanos);
    }
  }

  /** The destination has placed all pages of a round. */
  void received(int received) throws WireException {
    if (!underWay || received != round) {
      throw new WireException(
          "an unexpected end of round " + received + ", the current one is " + round);
    }
    underWay = false;
    watch.roundReceived();
  }

  /** What the source waits for during rounds; null for nothing. */
  @Nullable PeerWait waiting(long nowNanos) {
    return watch.waiting(nowNanos);
  }

  /** Between two rounds: reads the dirty log, and decides what to do next. */
  PrecopyPolicy.Step decide(long nowNanos) {
    sync();
    long sent = bytesSent.getAsLong() - bytesBefore;
    long dirtyBytes = regions.dirtyBytes();
    long roundNanos = Math.max(1, nowNanos - roundStartedNanos);
    if (discardRounds == 0 && !roundWasPaused) {
      dirtyBytesPerSecond = (long) (dirtyBytes * NANOS_PER_SECOND / roundNanos);
    }
    if (recording != null && discardRounds == 0) {
      recording.round(
          new OutgoingEvents.Round(round, roundStartedNanos, nowNanos, sent, dirtyBytes));
    }
    if (cut || discardRounds > 0) {
      return PrecopyPolicy.Step.POSTCOPY;
    }
    long elapsedNanos = nowNanos - startedNanos;
    return roundWasPaused
        ? policy.afterPausedRound(round, sent, roundNanos, dirtyBytes, elapsedNanos)
        : policy.after(round, sent, roundNanos, dirtyBytes, elapsedNanos);
  }

  /**
   * Before the VM is paused for postcopy: if many pages are dirty, starts a round without pages, in
   * which the destination discards them, so that few are left to discard during the pause.
   *
   * @return whether it started one
   */
  boolean discardAhead() {
    if (discardRounds == MAX_DISCARD_ROUNDS
        || !link.canDiscardAhead()
        || regions.findDiscards() < MIN_DISCARDS) {
      return false;
    }
    regions.markDiscarded();
    discardRounds++;
    round++;
    underWay = true;
    link.discardAhead(round);
    return true;
  }

  /** Why precopy failed, for the user. */
  String describeFailure() {
    return String.format(
        "precopy does not converge: %d MiB are still dirty after %d rounds; allow postcopy, or"
            + " raise the bandwidth or the downtime limit",
        regions.dirtyBytes() >> 20, round);
  }

  /** Reads the dirty log. If the VM is paused, the dirty pages are final after that. */
  void sync() {
    if (log != null) {
      regions.collect(log);
    }
  }

  /**
   * Called regularly during rounds: samples the dirty log, ends the round early if its time is up,
   * and watches the destination.
   *
   * @return why the migration has failed, for the user; null if it has not
   */
  @Nullable String tick(long nowNanos) {
    if (sampling && underWay) {
      sync(); // a page that the round has not reached yet is still sent only once
    }
    if (underWay && !paused && policy.isTimeUp(nowNanos - startedNanos)) {
      cut();
    }
    return watch.check(nowNanos);
  }

  /** The user has paused the bulk stream: time no longer counts. */
  void pause(long nowNanos) {
    paused = true;
    roundWasPaused = true;
    pausedNanos = nowNanos;
  }

  /** The bulk stream goes on: the pause counts neither for the round nor for the time limit. */
  void resume(long nowNanos) {
    if (paused) {
      paused = false;
      startedNanos += nowNanos - pausedNanos;
      roundStartedNanos += nowNanos - pausedNanos;
    }
  }

  /** Whether nothing more may start before the user ends the pause. */
  boolean isHeld() {
    return paused && !cut && discardRounds == 0;
  }

  /** Ends the current round early. The switchover follows. */
  void cut() {
    if (!cut) {
      cut = true;
      link.cutRound();
    }
  }

  /** Stops the dirty log. */
  @Override
  public void close() {
    if (log != null) {
      log.close();
      log = null;
    }
  }
}
