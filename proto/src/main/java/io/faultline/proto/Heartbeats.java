package io.faultline.proto;

import java.util.concurrent.TimeUnit;

/**
 * The signs of life on one control connection: when the next of ours is due, and whether the peer
 * has been silent for too long. Reads no clock. Belongs to one thread, which asks it regularly.
 *
 * <p>Time in which that thread did not ask does not count as the peer's silence: it was stopped or
 * busy itself, and what the peer said meanwhile waits to be read.
 */
public final class Heartbeats {
  private static final long MIN_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int BEATS = 3;

  private final long silenceNanos;
  private final long intervalNanos;
  private long heardNanos;
  private long sentNanos;
  private long askedNanos;

  /**
   * @param silenceMillis after how much silence the peer counts as gone; 0 for never
   * @param peerMillis the same of the peer, about this side
   */
  public Heartbeats(int silenceMillis, int peerMillis, long nowNanos) {
    silenceNanos = TimeUnit.MILLISECONDS.toNanos(silenceMillis);
    intervalNanos =
        peerMillis == 0
            ? 0
            : Math.max(MIN_INTERVAL_NANOS, TimeUnit.MILLISECONDS.toNanos(peerMillis) / BEATS);
    start(nowNanos);
  }

  /** From here on the peer is expected to give signs of life. */
  public void start(long nowNanos) {
    heardNanos = nowNanos;
    sentNanos = nowNanos;
    askedNanos = nowNanos;
  }

  /** Something has come from the peer. */
  public void heard(long nowNanos) {
    heardNanos = nowNanos;
  }

  /** A frame goes out. */
  public void sent(long nowNanos) {
    sentNanos = nowNanos;
  }

  /** Whether it is time for a heartbeat: the peer has heard nothing for a third of its patience. */
  public boolean isDue(long nowNanos) {
    return intervalNanos != 0 && nowNanos - sentNanos >= intervalNanos;
  }

  /** Whether the peer might be asked for a sign of life: nothing came or went for a third. */
  public boolean isQuiet(long nowNanos) {
    return silenceNanos != 0 && nowNanos - Math.max(heardNanos, sentNanos) >= silenceNanos / BEATS;
  }

  /** Whether the peer has been silent for too long. */
  public boolean isSilent(long nowNanos) {
    long notAsked = nowNanos - askedNanos;
    askedNanos = nowNanos;
    if (silenceNanos == 0) {
      return false;
    }
    if (notAsked > silenceNanos / BEATS) { // it was us
      heardNanos += notAsked;
    }
    return nowNanos - heardNanos > silenceNanos;
  }
}
