package io.faultline.proto;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Something that a node waits for.
 *
 * @param what the peer must do, as an infinitive without "to"
 * @param sinceNanos when the wait began
 * @param outcome what happens if it continues, as a clause for the user
 */
public record PeerWait(String what, long sinceNanos, String outcome) {
  private static final long MAX_SECONDS = 180;

  /**
   * Describes the wait for the user, on one line.
   *
   * @param peer the role and address of the peer
   */
  public String describe(String peer, long nowNanos) {
    return "waiting for "
        + peer
        + " to "
        + what
        + ": "
        + duration(nowNanos - sinceNanos)
        + " so far; "
        + outcome;
  }

  /** A duration for messages: in seconds, or in minutes if it is long. */
  public static String duration(long nanos) {
    long seconds = TimeUnit.NANOSECONDS.toSeconds(nanos);
    return seconds < MAX_SECONDS
        ? seconds + " s"
        : String.format(Locale.ROOT, "%.1f min", seconds / 60.0);
  }
}
