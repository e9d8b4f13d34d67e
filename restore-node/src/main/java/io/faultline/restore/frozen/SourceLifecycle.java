package io.faultline.restore.frozen;

import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a page source: from the freeze to the end of the dump.
 *
 * <p>The processes must not run at both sides, and must not be lost. Until the destination has
 * everything they may continue here, so it ends its own ones before its lease is over. Once it is
 * READY, this side answers RUN and never lets them continue here by itself; only after the
 * destination has confirmed that (COMPLETED) they are killed. If the answer is lost, or this
 * program dies, they stay frozen: that can be mended, two running copies or none cannot.
 *
 * <p>Reads no clock and no sockets. Confined to the control loop.
 */
final class SourceLifecycle {
  private final SourceEffects effects;
  private final DestinationLease lease;
  private final FreezeWait freeze;
  private final int leaseMillis;
  private final String dumpName;
  private final SourceWaits waits;
  private final SourceEnd end = new SourceEnd();
  private SourcePhase phase = SourcePhase.FREEZING;
  private @Nullable FrozenTree tree;
  private boolean connected;

  /** Whether the destination has got RUN, from a program that ran here before this one. */
  private boolean owned;

  private boolean saidGoodbye;

  /** Why the processes continue here once the destination has ended its own; empty if not. */
  private String leaving = "";

  /**
   * @param leaseMillis 0 for ever
   * @param freezeNanos how long to wait until the processes are frozen
   * @param dumpName the dump's address, for messages
   */
  SourceLifecycle(
      SourceEffects effects, int leaseMillis, long freezeNanos, String dumpName, long nowNanos) {
    this.effects = effects;
    this.leaseMillis = leaseMillis;
    this.dumpName = dumpName;
    lease = new DestinationLease(TimeUnit.MILLISECONDS.toNanos(leaseMillis));
    freeze = new FreezeWait(freezeNanos, nowNanos);
    waits = new SourceWaits(freeze, lease);
  }

  SourcePhase phase() {
    return phase;
  }

  /** Time has passed. */
  void tick(long nowNanos) {
    switch (phase) {
      case FREEZING -> {
        if (freeze.isOver(nowNanos)) {
          fail(freeze.describe());
        }
      }
      case SERVING -> {
        if (lease.isOver(nowNanos)) {
          String gone = "the destination is gone for longer than " + leaseMillis / 1000.0 + " s";
          reset(isLeaving() ? leaving + ", and " + gone : gone);
        }
      }
      case ENDING -> {
        if (end.isOverdue(nowNanos)) {
          end();
        }
      }
      case COMMITTED, ENDED -> {}
    }
    waits.tick(phase, connected, effects::log, nowNanos);
  }

  /** The processes are not frozen yet. */
  void notFrozen(String what, long nowNanos) {
    freeze.misses(what, nowNanos);
  }

  /** The processes are frozen, and the dump serves. */
  void frozen(FrozenTree found, long nowNanos) {
    tree = found;
    enter(owned ? SourcePhase.COMMITTED : SourcePhase.SERVING);
    effects.serve(found);
    int count = found.tasks().size();
    effects.info(
        (count == 1 ? "1 frozen process is" : count + " frozen processes are")
            + " served, beside the dump at "
            + dumpName);
    describe(nowNanos);
  }

  /**
   * A control connection of the destination is established.
   *
   * @param owner whether its hello says that it has got RUN. No lease may start then: it would end,
   *     and the processes continue here, if the connection broke before COMPLETED
   */
  void connected(boolean owner, long nowNanos) {
    connected = true;
    owned |= owner;
    if (owned && phase == SourcePhase.SERVING) {
      enter(SourcePhase.COMMITTED);
    }
    if (isOver() && !end.isMoved()) { // it may not have got the reason
      effects.disconnect(end.message());
      connected = false;
    } else if (phase == SourcePhase.SERVING && isLeaving()) {
      sayThatThisSideLeaves();
    } else {
      describe(nowNanos);
    }
  }

  private boolean isLeaving() {
    return !leaving.isEmpty();
  }

  private void sayThatThisSideLeaves() {
    effects.send(SourceFrames.failure("the processes continue at the source: " + leaving, false));
  }

  private boolean isOver() {
    return phase == SourcePhase.ENDING || phase == SourcePhase.ENDED;
  }

  private void describe(long nowNanos) {
    FrozenTree known = tree;
    if (connected && known != null) {
      lease.heard(nowNanos);
      effects.send(known.description(leaseMillis));
    }
  }

  /** Something has arrived from the destination. */
  void heard(long nowNanos) {
    if (tree != null) {
      lease.heard(nowNanos);
    }
  }

  /**
   * The connections are lost.
   *
   * @param why for the user
   */
  void disconnected(String why) {
    connected = false;
    if (phase == SourcePhase.SERVING || phase == SourcePhase.COMMITTED) {
      effects.log(why);
    } else if (phase == SourcePhase.ENDING && saidGoodbye && end.dumpHasEnded()) {
      end();
    }
  }

  /**
   * A frame other than requests and pages.
   *
   * @param isFrozen whether the processes still are frozen
   */
  void received(Frame frame, Supplier<Boolean> isFrozen) throws WireException {
    switch (frame.getBodyCase()) {
      case PING -> effects.send(SourceFrames.pong(frame.getPing()));
      case READY -> ready(isFrozen);
      case COMPLETED -> completed();
      case FAILURE -> {
        String why = Hellos.printable(frame.getFailure().getMessage());
        if (frame.getFailure().getRecoverable()) {
          throw new WireException("the destination closes the connection: " + why);
        }
        destinationFailed("the destination failed: " + why);
      }
      default -> throw new WireException("a " + frame.getBodyCase() + " from a destination");
    }
  }

  private void ready(Supplier<Boolean> isFrozen) throws WireException {
    requireTree("READY");
    if (phase == SourcePhase.SERVING && isLeaving()) {
      return; // it was sent before the destination learned that
    }
    if (phase == SourcePhase.SERVING) {
      if (!isFrozen.get()) {
        thawed("the processes are not frozen any more: the dump has ended");
        return;
      }
      enter(SourcePhase.COMMITTED);
    }
    if (phase == SourcePhase.COMMITTED) {
      effects.send(SourceFrames.run());
    }
  }

  /** Possibly of a destination that got RUN from a program that ran here before this one. */
  private void completed() throws WireException {
    requireTree("COMPLETED");
    if (phase == SourcePhase.SERVING || phase == SourcePhase.COMMITTED) {
      end.decide(SourceOutcome.MOVED, "the destination has all pages");
      enter(SourcePhase.ENDING);
      goodbye();
      effects.closeDump();
    } else if (end.isMoved()) {
      goodbye();
    }
  }

  private void requireTree(String what) throws WireException {
    if (tree == null) {
      throw new WireException(what + " before the processes were announced");
    }
  }

  /** A process runs or has ended, while it was to be frozen. */
  void thawed(String why) {
    if (phase == SourcePhase.SERVING) {
      fail(why);
    }
  }

  /**
   * Lets the processes continue here, unless the destination owns them. It may run its own ones
   * now: it is told to end them, and they continue here once it says that it has, or is gone for
   * longer than its lease. Called again, at once.
   */
  void release(String why) {
    switch (phase) {
      case FREEZING -> fail(why);
      case SERVING -> leave(why);
      case COMMITTED ->
          fail(why + "; the processes stay frozen here, since the destination has all pages");
      case ENDING, ENDED -> {}
    }
  }

  private void leave(String why) {
    if (!lease.isStarted()) {
      reset(why);
    } else if (isLeaving()) {
      effects.log("the processes continue here at once: see that those at the destination end");
      reset(why);
    } else {
      leaving = why;
      String limit =
          leaseMillis == 0
              ? ": as long as it takes, since the lease has no end"
              : ", or is gone for longer than " + leaseMillis / 1000.0 + " s";
      effects.log(why + "; they continue here once the destination has ended its own" + limit);
      sayThatThisSideLeaves();
    }
  }

  /** It says so, so that it has ended its processes. */
  private void destinationFailed(String why) {
    if (phase == SourcePhase.SERVING && isLeaving()) {
      reset(leaving);
    } else if (phase == SourcePhase.SERVING || phase == SourcePhase.COMMITTED) {
      reset(why);
    } else {
      release(why);
    }
  }

  private void reset(String why) {
    end.decide(SourceOutcome.RELEASED, why);
    enter(SourcePhase.ENDING);
    effects.disconnect("the processes continue at the source: " + why);
    effects.resetDump();
  }

  /** Ends without the dump. */
  private void fail(String why) {
    end.decide(SourceOutcome.LEFT, why);
    effects.disconnect(why);
    end();
  }

  /**
   * The dump was told how to end.
   *
   * @param failure why not; empty if it was
   */
  void dumpEnded(String failure, long nowNanos) {
    end.dumpEnded(failure, nowNanos);
    FrozenTree frozen = tree;
    if (!failure.isEmpty() && end.isMoved() && frozen != null) {
      effects.log(end.message());
      effects.kill(frozen); // a dump that fails lets them continue, as they do at the destination
    }
    if (!end.isMoved() || (saidGoodbye && !connected)) {
      end();
    }
  }

  /** From now on only this side has something to do: end the dump. */
  private void goodbye() {
    saidGoodbye = connected;
    effects.send(SourceFrames.goodbye());
  }

  private void end() {
    enter(SourcePhase.ENDED);
    effects.ended(end.outcome(), end.message());
  }

  private void enter(SourcePhase next) {
    phase = next;
  }
}
