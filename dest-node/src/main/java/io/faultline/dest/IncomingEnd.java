package io.faultline.dest;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The end of a migration at the destination: whether it is reached and why, and what becomes of the
 * VM. Confined to the control loop.
 */
final class IncomingEnd {
  private final IncomingLink link;
  private final SourceLiveness source;
  private final CompletionTracker completion;
  private final ReceivingPhase receivingPhase;
  private final RunningPhase running;
  private final SourceLossHandler sourceLoss;
  private final IncomingTimes times;
  private final Consumer<IncomingState> enter;
  private boolean reached;
  private @Nullable String error;

  /**
   * @param enter receives the state in which the migration ends
   */
  IncomingEnd(
      IncomingLink link,
      SourceLiveness source,
      CompletionTracker completion,
      ReceivingPhase receivingPhase,
      RunningPhase running,
      SourceLossHandler sourceLoss,
      IncomingTimes times,
      Consumer<IncomingState> enter) {
    this.link = link;
    this.source = source;
    this.completion = completion;
    this.receivingPhase = receivingPhase;
    this.running = running;
    this.sourceLoss = sourceLoss;
    this.times = times;
    this.enter = enter;
  }

  boolean isReached() {
    return reached;
  }

  /** Why it failed, human-readable; null if it has not. */
  @Nullable String error() {
    return error;
  }

  /** Every page has arrived, and the source knows it, or has had the time to. */
  void completed(long nowNanos) {
    reach(IncomingState.COMPLETED, nowNanos);
    link.ended();
  }

  /**
   * Something broke on this side: another process may take over, and the source, which is told
   * nothing, reconnects to that. Otherwise the migration ends.
   */
  void broke(String why, long nowNanos) {
    boolean needed = running.isStarted() && !isReached() && !completion.isSent();
    String left = needed && sourceLoss.vmEnded() == null ? sourceLoss.leave() : null;
    if (left == null) {
      failed(why, nowNanos);
    } else {
      error = why + left;
      reach(IncomingState.FAILED, nowNanos);
      link.ended();
    }
  }

  /** Nothing can go on here, or the source was given up. */
  void failed(String why, long nowNanos) {
    if (isReached()) {
      return;
    }
    if (completion.isSent()) { // every page has arrived; only GOODBYE is missing
      completed(nowNanos);
      return;
    }
    reach(IncomingState.FAILED, nowNanos); // what follows takes time
    String vmEnded = sourceLoss.vmEnded();
    String reason = vmEnded == null ? why : vmEnded;
    link.send(ControlFrames.failure(reason, false));
    error = reason;
    if (vmEnded == null) {
      String missing = completion.missing(receivingPhase.totalPages());
      boolean poison = source.shouldPoison(nowNanos);
      error += sourceLoss.giveUp(running.isStarted(), poison, missing);
    } else {
      sourceLoss.release();
    }
    link.ended();
  }

  private void reach(IncomingState how, long nowNanos) {
    times.endedNanos = nowNanos;
    reached = true;
    enter.accept(how);
  }
}
