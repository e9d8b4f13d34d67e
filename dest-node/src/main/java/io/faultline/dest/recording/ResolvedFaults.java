package io.faultline.dest.recording;

import java.util.stream.IntStream;

/**
 * The faults that were recorded, in the order in which they were read. All arrays have the same
 * length.
 *
 * @param readNanos when the fault was read
 * @param pages its base page, numbered over all regions
 * @param latencyNanos from then until its page was mapped; -1 if that is not known. 0 if it was
 *     mapped before: by the other event loop, while the fault was being read
 * @param kinds how it was resolved: the ordinal of a {@link FaultKind}
 * @param unrecorded faults that are not among these, since their place was taken by newer ones
 */
@SuppressWarnings("ArrayRecordComponent") // large, never compared, and only read
public record ResolvedFaults(
    long[] readNanos, long[] pages, long[] latencyNanos, int[] kinds, long unrecorded) {
  /** There were none. */
  public static final ResolvedFaults NONE =
      new ResolvedFaults(new long[0], new long[0], new long[0], new int[0], 0);

  /** Faults. */
  public int size() {
    return readNanos.length;
  }

  /** How many faults were resolved in a way. */
  public long count(FaultKind kind) {
    return IntStream.of(kinds).filter(each -> each == kind.ordinal()).count();
  }

  /** How a fault was resolved. */
  public FaultKind kind(int fault) {
    return FaultKind.values()[kinds[fault]];
  }
}
