package io.faultline.proto;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the peer must do next, and how long it may take. Reads no clock. Confined to one thread,
 * which polls it regularly.
 */
public final class AnswerDeadline {
  private @Nullable String what;
  private long sinceNanos;
  private long limitNanos;

  /**
   * Starts to wait, instead of for anything else.
   *
   * @param todo what the peer must do, as an infinitive without "to"
   */
  public void start(String todo, long mostNanos, long nowNanos) {
    what = todo;
    sinceNanos = nowNanos;
    limitNanos = mostNanos;
  }

  /** The peer has done a step, and the next one is this; the time continues. */
  public void next(String todo) {
    if (what != null) {
      what = todo;
    }
  }

  /** Waits for nothing. */
  public void clear() {
    what = null;
  }

  public boolean isSet() {
    return what != null;
  }

  /** Whether the peer has taken too long. */
  public boolean isOver(long nowNanos) {
    return what != null && nowNanos - sinceNanos > limitNanos;
  }

  /**
   * Why the deadline is over, for the user.
   *
   * @param peer its role
   */
  public String describe(String peer) {
    return peer + " took longer than " + limitSeconds() + " s to " + what;
  }

  /**
   * The wait; null for none.
   *
   * @param outcome what happens when the deadline is over
   */
  public @Nullable PeerWait pending(String outcome) {
    return what == null
        ? null
        : new PeerWait(what, sinceNanos, "after " + limitSeconds() + " s " + outcome);
  }

  private long limitSeconds() {
    return TimeUnit.NANOSECONDS.toSeconds(limitNanos);
  }
}
