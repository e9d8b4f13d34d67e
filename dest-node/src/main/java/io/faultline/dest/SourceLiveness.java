package io.faultline.dest;

import io.faultline.dest.recording.IncomingRecording;
import io.faultline.dest.recording.OutageLog;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.PeerWait;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether the source is alive: its heartbeats, and the outages after READY. Reads no clock.
 * Confined to the control loop.
 */
final class SourceLiveness {
  private final PeerTimeouts timeouts;
  private final boolean poison;
  private final @Nullable OutageLog outages;
  private final int peerMillis;
  private Heartbeats heartbeats;
  private boolean lost;
  private boolean reconnected;
  private String reason = "";
  private long lostNanos;
  private long pausedNanos;
  private int recoveries;

  /**
   * @param poison see {@link DestinationSettings#poison}
   * @param peerMillis after how much silence the source treats this side as gone; 0 for never
   */
  SourceLiveness(PeerTimeouts timeouts, boolean poison, int peerMillis, long nowNanos) {
    this(timeouts, poison, null, peerMillis, nowNanos);
  }

  /**
   * @param outages records the outages; null for nothing
   */
  private SourceLiveness(
      PeerTimeouts timeouts,
      boolean poison,
      @Nullable OutageLog outages,
      int peerMillis,
      long nowNanos) {
    this.timeouts = timeouts;
    this.poison = poison;
    this.outages = outages;
    this.peerMillis = peerMillis;
    heartbeats = new Heartbeats(timeouts.silenceMillis(), peerMillis, nowNanos);
  }

  /** With these settings; for {@code peerMillis} see the constructor. */
  static SourceLiveness of(DestinationSettings settings, int peerMillis, long nowNanos) {
    IncomingRecording recording = settings.recording();
    OutageLog outages = recording == null ? null : recording.outages();
    return new SourceLiveness(
        settings.timeouts(), settings.poison(), outages, peerMillis, nowNanos);
  }

  /** The heartbeats in both directions on the current control connection. */
  Heartbeats heartbeats() {
    return heartbeats;
  }

  /** Of the first connection; see the constructor. */
  int peerMillis() {
    return peerMillis;
  }

  /** How much longer to wait for a lost source from which only GOODBYE is missing. */
  long twiceSilenceNanos() {
    return 2 * timeouts.silence().toNanos();
  }

  /** The connections are lost: an outage begins, or continues. */
  void lost(String why, long nowNanos) {
    if (!lost) {
      lost = true;
      lostNanos = nowNanos;
      if (outages != null) {
        outages.lost(why, nowNanos);
      }
    }
    reconnected = false;
    reason = why;
  }

  /** The source has reconnected; for {@code peerMillis} see the constructor. */
  void reconnected(int peerMillis, long nowNanos) {
    reconnected = true;
    heartbeats = new Heartbeats(timeouts.silenceMillis(), peerMillis, nowNanos);
  }

  /** The recovery is complete: the outage ends. */
  void recovered(long nowNanos) {
    heartbeats.start(nowNanos);
    pausedNanos += nowNanos - lostNanos;
    lost = false;
    reconnected = false;
    recoveries++;
    if (outages != null) {
      outages.recovered(nowNanos);
    }
  }

  /** Whether there is an outage, from the lost connection to the end of the recovery. */
  boolean isLost() {
    return lost;
  }

  /** Whether there is an outage and the source has not reconnected. */
  boolean isPaused() {
    return lost && !reconnected;
  }

  /** Whether the source has not reconnected in time and must be given up. */
  boolean hasTimedOut(long nowNanos) {
    long most = timeouts.giveUpAfter().toNanos();
    return isPaused() && most > 0 && nowNanos - lostNanos > most;
  }

  /** Whether the source must be given up and a VM with missing pages continues to run. */
  boolean shouldPoison(long nowNanos) {
    return poison && hasTimedOut(nowNanos);
  }

  int recoveries() {
    return recoveries;
  }

  /** How long the migration has been paused in total. */
  long pausedNanos(long nowNanos) {
    return pausedNanos + (lost ? nowNanos - lostNanos : 0);
  }

  /** Why the source was given up, human-readable. */
  String timeoutMessage(boolean vmStarted, long nowNanos) {
    String notRun =
        "; RUN was never received, and the VM is discarded here: the source knows which side owns"
            + " it";
    return String.format(
            Locale.ROOT,
            "gave up: the source did not come back for %.1f s (%s)",
            (nowNanos - lostNanos) / 1e9,
            reason)
        + (vmStarted ? "" : notRun);
  }

  /** The wait for a lost source. */
  PeerWait waiting(boolean vmStarted) {
    String limit =
        timeouts.giveUpAfter().isZero()
            ? "this has no limit"
            : "it is given up after " + PeerWait.duration(timeouts.giveUpAfter().toNanos());
    String vm =
        vmStarted
            ? ", and the VM continues until it needs a missing page"
            : ", since only the source knows which side owns the VM";
    return new PeerWait("reconnect", lostNanos, limit + vm + " (" + reason + ")");
  }

  /** The visible state: the stage, or the state of the outage. */
  IncomingState stateDuring(IncomingState stage) {
    if (!lost || stage.isFinal()) {
      return stage;
    }
    return reconnected ? IncomingState.RECOVERING : IncomingState.PAUSED;
  }
}
