package io.faultline.source;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Ping;

/**
 * Measures the offset between the clocks of source and destination. Uses the shortest of several
 * round trips; the error is at most half of it (see RFC 5905, section 8). Confined to the control
 * loop.
 */
final class ClockOffset {
  private static final int ROUND_TRIPS = 8;

  private int samples;
  private long roundTripNanos = Long.MAX_VALUE;
  private long offsetNanos;

  /** The frame that starts a round trip. */
  static Frame ping(long nowNanos) {
    return Frame.newBuilder().setPing(Ping.newBuilder().setSourceNanos(nowNanos)).build();
  }

  /**
   * Adds a round trip.
   *
   * @param sentNanos when the ping was sent, by this clock
   * @param peerNanos when the peer answered, by its clock
   * @param receivedNanos when the answer arrived, by this clock
   */
  void sample(long sentNanos, long peerNanos, long receivedNanos) {
    samples++;
    long roundTrip = receivedNanos - sentNanos;
    if (roundTrip >= 0 && roundTrip < roundTripNanos) {
      roundTripNanos = roundTrip;
      offsetNanos = peerNanos - (sentNanos + roundTrip / 2);
    }
  }

  /** Whether there were enough round trips. */
  boolean isMeasured() {
    return samples >= ROUND_TRIPS;
  }

  /** The peer's clock minus this clock. */
  long offsetNanos() {
    return offsetNanos;
  }

  /** The maximum error of the offset. */
  long errorNanos() {
    return roundTripNanos / 2;
  }
}
