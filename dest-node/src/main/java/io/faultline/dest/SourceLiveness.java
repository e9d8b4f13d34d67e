package io.faultline.dest;

import io.faultline.proto.Heartbeats;
import io.faultline.proto.PeerTimeouts;
import java.util.Locale;

/**
 * Whether the source is there: its signs of life, and the times without connections behind READY.
 * Reads no clock. Belongs to the control loop.
 */
final class SourceLiveness {
  private final PeerTimeouts timeouts;
  private final boolean poison;
  private Heartbeats heartbeats;
  private boolean away;
  private boolean connected;
  private String reason = "";
  private long lostNanos;
  private long pausedNanos;
  private int recoveries;

  /**
   * @param poison see {@link DestinationSettings#poison}
   * @param peerMillis after how much silence the source takes this side for gone; 0 for never
   */
  SourceLiveness(PeerTimeouts timeouts, boolean poison, int peerMillis, long nowNanos) {
    this.timeouts = timeouts;
    this.poison = poison;
    heartbeats = new Heartbeats(timeouts.silenceMillis(), peerMillis, nowNanos);
  }

  /** As the settings say; for {@code peerMillis} see the constructor. */
  static SourceLiveness of(DestinationSettings settings, int peerMillis, long nowNanos) {
    return new SourceLiveness(settings.timeouts(), settings.poison(), peerMillis, nowNanos);
  }

  /** What this side has to say to the source, and hears of it. */
  Heartbeats heartbeats() {
    return heartbeats;
  }

  /** How long to wait where the source only has to come back for its thanks. */
  long thanksNanos(long atLeastNanos) {
    return atLeastNanos + 2 * timeouts.silence().toNanos();
  }

  /** The connections are lost. */
  void begin(String why, long nowNanos) {
    if (!away) {
      away = true;
      lostNanos = nowNanos;
    }
    connected = false;
    reason = why;
  }

  /** The source is there again; for {@code peerMillis} see the constructor. */
  void connected(int peerMillis, long nowNanos) {
    connected = true;
    heartbeats = new Heartbeats(timeouts.silenceMillis(), peerMillis, nowNanos);
  }

  /** All is told, and the migration goes on. */
  void end(long nowNanos) {
    heartbeats.start(nowNanos);
    pausedNanos += nowNanos - lostNanos;
    away = false;
    connected = false;
    recoveries++;
  }

  /** Whether there is an outage. */
  boolean isOn() {
    return away;
  }

  /** Whether there is one, and no connection. */
  boolean isPaused() {
    return away && !connected;
  }

  /** Whether it has lasted too long. */
  boolean isOver(long nowNanos) {
    long most = timeouts.giveUpAfter().toNanos();
    return isPaused() && most > 0 && nowNanos - lostNanos > most;
  }

  /** Whether a VM that lacks pages goes on where nobody is waited for any more. */
  boolean poisons(long nowNanos) {
    return poison && isOver(nowNanos);
  }

  int recoveries() {
    return recoveries;
  }

  /** How long the migration was paused, up to now. */
  long pausedNanos(long nowNanos) {
    return pausedNanos + (away ? nowNanos - lostNanos : 0);
  }

  /** Why nobody is waited for any more, for a person. */
  String tell(long nowNanos) {
    return String.format(
        Locale.ROOT,
        "gave up: the source did not come back for %.1f s (%s)",
        (nowNanos - lostNanos) / 1e9,
        reason);
  }

  /** The state that a person sees. */
  IncomingState over(IncomingState stage) {
    if (!away || stage.isFinal()) {
      return stage;
    }
    return connected ? IncomingState.RECOVERING : IncomingState.PAUSED;
  }
}
