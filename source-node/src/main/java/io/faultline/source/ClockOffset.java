package io.faultline.source;

import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Ping;

/**
 * The offset between the clocks of both ends, from the round trip that was shortest: half of that
 * is the most by which it can be wrong (as in RFC 5905, section 8).
 */
final class ClockOffset {
  private static final int ROUND_TRIPS = 8;

  private int samples;
  private long roundTripNanos = Long.MAX_VALUE;
  private long offsetNanos;

  /** What a round trip begins with. */
  static Frame ping(long nowNanos) {
    return Frame.newBuilder().setPing(Ping.newBuilder().setSourceNanos(nowNanos)).build();
  }

  /** Takes in one round trip: sent and answered by this clock, in between by the other's. */
  void sample(long sentNanos, long otherNanos, long answeredNanos) {
    samples++;
    long roundTrip = answeredNanos - sentNanos;
    if (roundTrip >= 0 && roundTrip < roundTripNanos) {
      roundTripNanos = roundTrip;
      offsetNanos = otherNanos - (sentNanos + roundTrip / 2);
    }
  }

  /** Whether enough round trips were taken in. */
  boolean isMeasured() {
    return samples >= ROUND_TRIPS;
  }

  /** What to add to this clock to get the other. */
  long offsetNanos() {
    return offsetNanos;
  }

  /** The most by which the offset can be wrong. */
  long errorNanos() {
    return roundTripNanos / 2;
  }
}
