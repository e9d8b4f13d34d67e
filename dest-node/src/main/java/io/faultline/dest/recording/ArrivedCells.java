package io.faultline.dest.recording;

/**
 * Guest memory, divided into cells of equal size: what arrived in each.
 *
 * @param totalPages base pages of the VM
 * @param cellPages base pages in each cell; the last one may have fewer
 * @param pages pages that arrived, by the ordinal of {@link Way}, then by cell. A page that arrived
 *     several times, as in precopy rounds, counts as often
 * @param firstNanos when the first page of each cell arrived; 0 if none has
 * @param lastNanos when the last one arrived; 0 if none has
 */
@SuppressWarnings("ArrayRecordComponent") // large, never compared, and only read
public record ArrivedCells(
    long totalPages, long cellPages, long[][] pages, long[] firstNanos, long[] lastNanos) {
  /** There was no memory. */
  public static final ArrivedCells NONE =
      new ArrivedCells(0, 1, new long[Way.values().length][0], new long[0], new long[0]);
}
