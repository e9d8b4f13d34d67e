package io.faultline.dest;

import org.jspecify.annotations.Nullable;

/**
 * The loss of the source from READY on, and the recovery when it has reconnected; also the
 * heartbeats to it, which say whether memory is short here. Confined to the control loop.
 */
final class SourceRecovery {
  private final SourceLiveness source;
  private final SourceWatch watch;
  private final CompletionTracker completion;
  private final IncomingLink link;

  /** RECOVER has arrived on the current connections. */
  private boolean recoverReceived;

  /** What the source was told. */
  private boolean memoryShort;

  /** Why a bulk connection was lost before RUN; null if none was. */
  private @Nullable String bulkLoss;

  SourceRecovery(
      SourceLiveness source, SourceWatch watch, CompletionTracker completion, IncomingLink link) {
    this.source = source;
    this.watch = watch;
    this.completion = completion;
    this.link = link;
  }

  /**
   * A bulk connection is lost at READY: the source is still connected, and decides whether the
   * migration ends.
   */
  void bulkLostAtReady(String why) {
    bulkLoss = why;
    link.send(ControlFrames.failure(why, true));
  }

  /** See {@link #bulkLostAtReady}. */
  @Nullable String bulkLoss() {
    return bulkLoss;
  }

  /** The connections are lost, and closed. */
  void lost(String why, long nowNanos) {
    source.lost(bulkLoss == null ? why : bulkLoss, nowNanos);
    if (completion.isSent()) {
      watch.awaitGoodbye(source.twiceSilenceNanos(), nowNanos);
    } else {
      watch.awaitNothing();
    }
    link.send(ControlFrames.failure(why, true));
    link.disconnect(why);
  }

  /**
   * The source has reconnected.
   *
   * @param peerMillis after how much silence it treats this side as gone; 0 for never
   */
  void reconnected(int peerMillis, long nowNanos) {
    source.reconnected(peerMillis, nowNanos);
    if (!completion.isSent()) {
      watch.awaitRecovery(nowNanos);
    }
    bulkLoss = null;
    recoverReceived = false;
    memoryShort = false; // the new connections have not been told
    completion.renew();
  }

  /**
   * RECOVER has arrived: answers with the phase, and reports the received pages.
   *
   * @return false if it has arrived before on these connections
   */
  boolean recover(boolean vmStarted, long nowNanos) {
    if (recoverReceived) {
      return false;
    }
    recoverReceived = true;
    link.send(ControlFrames.recovery(completion.phase(vmStarted)));
    if (completion.isSent()) {
      source.recovered(nowNanos);
    } else {
      link.report();
    }
    return true;
  }

  /** The received pages were reported: the recovery is complete. */
  void reported(boolean vmStarted, long nowNanos) {
    source.recovered(nowNanos);
    if (vmStarted) {
      watch.awaitPages(nowNanos);
    } else {
      watch.awaitRun(nowNanos);
    }
  }

  /**
   * Whether memory is short while the VM runs here: tells the source, which must not take a bulk
   * connection that is not read meanwhile for a lost one.
   */
  void memoryShort(boolean isShort, long nowNanos) {
    if (isShort != memoryShort && !source.isLost() && !completion.isSent()) {
      memoryShort = isShort;
      sendHeartbeat(nowNanos);
    }
  }

  void sendHeartbeat(long nowNanos) {
    source.heartbeats().sent(nowNanos);
    link.send(ControlFrames.heartbeat(memoryShort));
  }
}
