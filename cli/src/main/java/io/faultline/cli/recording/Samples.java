package io.faultline.cli.recording;

/**
 * Progress of an outgoing migration over time; arrays of equal length.
 *
 * @param nanos when each sample was taken, by the source's clock
 * @param bytesSent bytes sent until then
 * @param remainingBytes memory that was still to be sent then: of the current precopy round, or
 *     after the switchover of the VM
 */
@SuppressWarnings("ArrayRecordComponent") // large, never compared, and only read
public record Samples(long[] nanos, long[] bytesSent, long[] remainingBytes) {
  /** No sample was taken. */
  public static final Samples NONE = new Samples(new long[0], new long[0], new long[0]);

  /** Samples. */
  public int size() {
    return nanos.length;
  }
}
