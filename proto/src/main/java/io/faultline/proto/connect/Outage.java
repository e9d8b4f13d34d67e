package io.faultline.proto.connect;

import java.util.Locale;

/**
 * Why there is no connection, and when the next attempt is due.
 *
 * @param reason why the connection was lost; empty if there is one
 * @param connecting whether an attempt is in progress
 * @param retryNanos when the next attempt is due
 */
public record Outage(String reason, boolean connecting, long retryNanos) {
  /** There is a connection. */
  public static final Outage NONE = new Outage("", false, 0);

  /** Describes the outage for the user; empty if there is none. */
  public String describe(long nowNanos) {
    if (reason.isEmpty()) {
      return "";
    }
    String next =
        connecting
            ? "trying again now"
            : String.format(
                Locale.ROOT, "trying again in %.1f s", Math.max(0, retryNanos - nowNanos) / 1e9);
    return "paused: connection lost (" + reason + "), " + next;
  }
}
