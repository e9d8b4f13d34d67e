package io.faultline.restore.transfer;

/**
 * How many bytes may be asked for and not answered: as many as the link holds, so that it is never
 * idle, and few more, since a fault's answer waits for what was asked for before it.
 *
 * <p>Grows with every answer while answers come about as fast as the fastest, and shrinks while
 * they queue (as delay-based congestion control does: TCP Vegas, LEDBAT in RFC 6817).
 *
 * <p>Confined to the session's event loop.
 */
final class RequestWindow {
  static final long LEAST_BYTES = 256 << 10;
  static final long MOST_BYTES = 16 << 20;

  /** Queueing that is allowed beside the round trip. */
  private static final long QUEUE_NANOS = 2_000_000;

  private long bytes = LEAST_BYTES;
  private long inFlightBytes;
  private long leastNanos = Long.MAX_VALUE;

  boolean hasRoom() {
    return inFlightBytes < bytes;
  }

  long bytes() {
    return bytes;
  }

  long inFlightBytes() {
    return inFlightBytes;
  }

  /** The shortest time from a request to its answer; 0 before the first. */
  long roundTripNanos() {
    return leastNanos == Long.MAX_VALUE ? 0 : leastNanos;
  }

  void requested(long requestedBytes) {
    inFlightBytes += requestedBytes;
  }

  /** Bytes that were asked for have arrived, or are not answered. */
  void settled(long settledBytes) {
    inFlightBytes -= settledBytes;
  }

  /**
   * A request was answered.
   *
   * @param nanos from its sending to its answer
   * @param answeredBytes since the last call
   */
  void measured(long nanos, long answeredBytes) {
    leastNanos = Math.min(leastNanos, nanos);
    if (nanos < 2 * leastNanos + QUEUE_NANOS) {
      bytes = Math.min(MOST_BYTES, bytes + answeredBytes);
    } else if (nanos > 3 * leastNanos + 2 * QUEUE_NANOS) {
      bytes = Math.max(LEAST_BYTES, bytes - answeredBytes / 2);
    }
  }
}
