package io.faultline.source;

import io.faultline.proto.runs.CompressionMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of an outgoing migration. Times are in nanoseconds, -1 if the step did not happen.
 * Pages are base pages.
 *
 * @param state {@link OutgoingState#COMPLETED}, {@link OutgoingState#CANCELLED} or {@link
 *     OutgoingState#FAILED}
 * @param committed whether RUN was sent: the VM must not run at the source any more
 * @param error why it failed, for the user; null if it completed without a problem
 * @param setupNanos from the start until the destination has prepared its memory
 * @param totalNanos from the start to the end
 * @param downtimeNanos from when the VM no longer ran at the source to the first guest instruction
 *     at the destination
 * @param downtimeErrorNanos the maximum error of the downtime, which is measured with two clocks
 * @param precopyNanos from the first precopy round to the pause
 * @param precopyRounds precopy rounds, including one sent while the VM was paused
 * @param pauseRequestNanos from the request to pause until the VM no longer ran, before the
 *     downtime; 0 for most VMs, some milliseconds for a guest of QEMU
 * @param pauseNanos part of the downtime: stopping the vCPUs
 * @param lastSyncNanos part of the downtime: reading the dirty log for the last time
 * @param lastRoundNanos part of the downtime: sending the remaining pages; 0 if postcopy sends them
 * @param deviceStateNanos part of the downtime: reading the device state
 * @param discardNanos discarding pages at the destination, which overlaps with other parts
 * @param loadNanos part of the downtime: loading the device state at the destination
 * @param startNanos part of the downtime: from RUN to the first instruction at the destination
 * @param totalPages pages of all regions
 * @param precopyPages pages with data sent in precopy rounds; a page sent twice counts twice
 * @param currentPages pages that were not stale at the switchover
 * @param urgentPages pages with data sent on request, or prefetched
 * @param prefetchedPages pages, including zero pages, sent before they were requested: those that
 *     the VM needs first, and those prefetched with a requested page
 * @param backgroundPages pages with data sent by the background scan
 * @param zeroPages zero pages sent after the switchover
 * @param requests page requests received
 * @param duplicateRequests requests for pages that had been sent before
 * @param currentAnswers requests answered without data, because the page was current
 * @param bytesSent bytes of page frames and page sets
 * @param channelBytes bytes of pages sent on each bulk connection, after compression
 * @param compression what compression did
 * @param resentPages pages that were sent again because they were lost with a connection; the other
 *     counters count them twice
 * @param recoveries how often connections were re-established after the commit point
 * @param pausedNanos total time without connections after the commit point
 */
public record OutgoingReport(
    OutgoingState state,
    boolean committed,
    @Nullable String error,
    long setupNanos,
    long totalNanos,
    long downtimeNanos,
    long downtimeErrorNanos,
    long precopyNanos,
    int precopyRounds,
    long pauseRequestNanos,
    long pauseNanos,
    long lastSyncNanos,
    long lastRoundNanos,
    long deviceStateNanos,
    long discardNanos,
    long loadNanos,
    long startNanos,
    long totalPages,
    long precopyPages,
    long currentPages,
    long urgentPages,
    long prefetchedPages,
    long backgroundPages,
    long zeroPages,
    long requests,
    long duplicateRequests,
    long currentAnswers,
    long bytesSent,
    List<Long> channelBytes,
    Compression compression,
    long resentPages,
    long recoveries,
    long pausedNanos) {
  /**
   * The part of the downtime that is none of the others: messages and device state in transit, the
   * list of stale pages, and waits for the destination. At least 0; -1 if the downtime is unknown.
   */
  public long transferNanos() {
    if (downtimeNanos < 0) {
      return -1;
    }
    long known =
        pauseNanos + lastSyncNanos + lastRoundNanos + deviceStateNanos + loadNanos + startNanos;
    return Math.max(0, downtimeNanos - known);
  }

  /**
   * What compression did.
   *
   * @param mode the mode that was configured
   * @param pages pages sent compressed
   * @param bytesBefore their size before compression
   * @param bytesAfter their size after compression
   * @param nanos processor time spent, including runs that did not get smaller
   */
  public record Compression(
      CompressionMode mode, long pages, long bytesBefore, long bytesAfter, long nanos) {}
}
