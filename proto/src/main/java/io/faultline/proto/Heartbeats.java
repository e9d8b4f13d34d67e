package io.faultline.proto;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The heartbeats on one control connection: when the next one to the peer is due, and whether the
 * peer has been silent for too long. Reads no clock. Confined to one thread, which polls it
 * regularly.
 *
 * <p>Time in which that thread did not poll does not count as silence of the peer: this process was
 * stopped or busy, and frames from the peer may be waiting to be read.
 */
public final class Heartbeats {
  private static final long MIN_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int INTERVALS = 3;

  private final long silenceNanos;
  private final long intervalNanos;
  private long receivedNanos;
  private long sentNanos;
  private long polledNanos;

  /**
   * @param silenceMillis the silence after which the peer is treated as gone; 0 for never
   * @param peerMillis the silence after which the peer treats this side as gone; 0 for never
   */
  public Heartbeats(int silenceMillis, int peerMillis, long nowNanos) {
    silenceNanos = TimeUnit.MILLISECONDS.toNanos(silenceMillis);
    intervalNanos =
        peerMillis == 0
            ? 0
            : Math.max(MIN_INTERVAL_NANOS, TimeUnit.MILLISECONDS.toNanos(peerMillis) / INTERVALS);
    start(nowNanos);
  }

  /** Whether there is a limit to the peer's silence. */
  public boolean hasLimit() {
    return silenceNanos != 0;
  }

  /**
   * The wait for a sign of life; null if the peer was not silent for this long.
   *
   * @param outcome what happens at the limit
   */
  public @Nullable PeerWait silence(long atLeastNanos, String outcome, long nowNanos) {
    return nowNanos - receivedNanos < atLeastNanos
        ? null
        : new PeerWait(
            "send anything",
            receivedNanos,
            "after " + PeerWait.duration(silenceNanos) + " " + outcome);
  }

  /** Like {@link #silence(long, String, long)}, for at least half of the limit, if there is one. */
  public @Nullable PeerWait silence(String outcome, long nowNanos) {
    return hasLimit() ? silence(silenceNanos / 2, outcome, nowNanos) : null;
  }

  /** Restarts the timers: only silence from now on counts. */
  public void start(long nowNanos) {
    receivedNanos = nowNanos;
    sentNanos = nowNanos;
    polledNanos = nowNanos;
  }

  /** Records a frame from the peer. */
  public void received(long nowNanos) {
    receivedNanos = nowNanos;
  }

  /** Records a frame to the peer. */
  public void sent(long nowNanos) {
    sentNanos = nowNanos;
  }

  /** Whether a heartbeat is due: nothing was sent for a third of the peer's silence limit. */
  public boolean isDue(long nowNanos) {
    return intervalNanos != 0 && nowNanos - sentNanos >= intervalNanos;
  }

  /** Whether nothing was received or sent for a third of the limit: time to ping the peer. */
  public boolean isQuiet(long nowNanos) {
    return silenceNanos != 0
        && nowNanos - Math.max(receivedNanos, sentNanos) >= silenceNanos / INTERVALS;
  }

  /** Whether the peer has been silent for longer than the limit. */
  public boolean isSilent(long nowNanos) {
    long notPolled = nowNanos - polledNanos;
    polledNanos = nowNanos;
    if (silenceNanos == 0) {
      return false;
    }
    if (notPolled > silenceNanos / INTERVALS) { // this side was stopped
      receivedNanos += notPolled;
    }
    return nowNanos - receivedNanos > silenceNanos;
  }
}
