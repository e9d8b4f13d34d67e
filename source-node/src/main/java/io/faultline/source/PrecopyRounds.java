package io.faultline.source;

import io.faultline.memory.DirtyLog;
import io.faultline.proto.WireException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The precopy rounds of one migration: when each begins, what the dirty log tells after it, and how
 * to go on. Belongs to the control loop.
 */
final class PrecopyRounds implements AutoCloseable {
  /** Pages are discarded ahead so often: what is left gets less each time, or will not. */
  private static final int MOST_AHEAD = 4;

  /** Fewer pages than these are discarded within about a millisecond of pause. */
  private static final long WORTH_PAGES = 1024;

  private final OutgoingVm vm;
  private final OutgoingRegions regions;
  private final OutgoingLink link;
  private final LongSupplier bytesSent;
  private final PrecopyPolicy policy;
  private final boolean sampling;

  private @Nullable DirtyLog log;
  private int round;
  private int aheads;
  private boolean underWay;
  private boolean cut;
  private long begunNanos;
  private long roundBegunNanos;
  private long bytesBefore;

  /**
   * @param bytesSent bytes sent so far
   * @param sampling whether to ask the dirty log in the middle of rounds as well, so that what was
   *     written last is told from the rest
   */
  PrecopyRounds(
      OutgoingVm vm,
      OutgoingRegions regions,
      OutgoingLink link,
      LongSupplier bytesSent,
      PrecopyPolicy policy,
      boolean sampling) {
    this.vm = vm;
    this.regions = regions;
    this.link = link;
    this.bytesSent = bytesSent;
    this.policy = policy;
    this.sampling = sampling;
  }

  /** Rounds begun that send pages. */
  int count() {
    return round - aheads;
  }

  /** Whether what a round carries may still be on its way. */
  boolean isUnderWay() {
    return underWay;
  }

  /** Starts to log, and the first round. */
  void start(long nowNanos) {
    log = vm.dirtyLog();
    log.start();
    begunNanos = nowNanos;
    next(nowNanos);
  }

  /** Starts the next round. */
  void next(long nowNanos) {
    round++;
    underWay = true;
    roundBegunNanos = nowNanos;
    bytesBefore = bytesSent.getAsLong();
    link.startRound(round);
  }

  /** All that a round carried is in place. */
  void received(int received) throws WireException {
    if (!underWay || received != round) {
      throw new WireException("an unexpected end of round " + received + ", behind " + round);
    }
    underWay = false;
  }

  /** Asks the dirty log, and decides how to go on. Between two rounds. */
  PrecopyPolicy.Step decide(long nowNanos) {
    sync();
    if (cut || aheads > 0) {
      return PrecopyPolicy.Step.POSTCOPY;
    }
    return policy.after(
        round,
        bytesSent.getAsLong() - bytesBefore,
        nowNanos - roundBegunNanos,
        regions.lackingBytes(),
        nowNanos - begunNanos);
  }

  /**
   * Before the VM is paused for postcopy: has the destination discard what is stale already, if
   * that is much, so that little is left to discard in the pause. That is a round as well, which
   * sends no pages. Returns whether it began.
   */
  boolean discardAhead() {
    if (aheads == MOST_AHEAD || !link.canDiscardAhead() || regions.findDiscards() < WORTH_PAGES) {
      return false;
    }
    regions.discarding();
    aheads++;
    round++;
    underWay = true;
    link.discardAhead(round);
    return true;
  }

  /** Why rounds are given up, for a person. */
  String notConverging() {
    return String.format(
        "precopy does not converge: %d MiB are left after %d rounds; allow postcopy, give more"
            + " bandwidth or a longer downtime limit",
        regions.lackingBytes() >> 20, round);
  }

  /** Asks the dirty log. With the VM paused, what is lacking then is all there is. */
  void sync() {
    if (log != null) {
      regions.collect(log);
    }
  }

  /** Ends the round that is under way early where its time is up. */
  void tick(long nowNanos) {
    if (sampling && underWay) {
      sync(); // a page that the round has still to come to is only sent once
    }
    if (underWay && policy.isTimeUp(nowNanos - begunNanos)) {
      cut();
    }
  }

  /** Ends the round that is under way early; postcopy follows. */
  void cut() {
    if (!cut) {
      cut = true;
      link.cutRound();
    }
  }

  /** Stops logging. */
  @Override
  public void close() {
    if (log != null) {
      log.close();
      log = null;
    }
  }
}
