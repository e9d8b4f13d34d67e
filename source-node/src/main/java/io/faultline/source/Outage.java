package io.faultline.source;

import java.util.Locale;

/**
 * What there is to tell of a connection that is lost.
 *
 * @param reason why it was lost; empty where it is there
 * @param connecting whether connections are being made right now
 * @param retryNanos when the next attempt is due
 */
record Outage(String reason, boolean connecting, long retryNanos) {
  static final Outage NONE = new Outage("", false, 0);

  static Outage of(OutgoingState state, ReconnectSchedule reconnectSchedule) {
    return switch (state) {
      case PAUSED -> new Outage(reconnectSchedule.reason(), false, reconnectSchedule.retryNanos());
      case RECOVERING -> new Outage(reconnectSchedule.reason(), true, 0);
      default -> NONE;
    };
  }

  /** For a person. */
  String tell(long nowNanos) {
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
