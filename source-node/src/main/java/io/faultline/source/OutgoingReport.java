package io.faultline.source;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an outgoing migration ended. Times are in nanoseconds, -1 where it did not come to that.
 *
 * @param state {@link OutgoingState#COMPLETED}, {@link OutgoingState#CANCELLED} or {@link
 *     OutgoingState#FAILED}
 * @param committed whether RUN was sent: the VM must not run here any more
 * @param error why it failed, for a person; null when completed
 * @param setupNanos from the start to the destination's memory being prepared
 * @param totalNanos from the start to the end
 * @param downtimeNanos from the pause here to the first guest instruction at the destination
 * @param downtimeErrorNanos the most by which the downtime can be wrong, since it spans two clocks
 * @param precopyNanos from the first precopy round to the pause
 * @param precopyRounds precopy rounds, of which the VM may have been paused for the last
 * @param pauseNanos what stopping the vCPUs took, of the downtime
 * @param lastSyncNanos what asking the dirty log for the last time took, of the downtime
 * @param lastRoundNanos what sending the rest took while the VM was paused, of the downtime; 0
 *     where postcopy sends it
 * @param deviceStateNanos what reading the device state took, of the downtime
 * @param discardNanos what discarding pages took at the destination, at the same time as other
 *     parts
 * @param loadNanos what loading the device state took at the destination, of the downtime
 * @param startNanos from RUN to the first instruction at the destination, of the downtime
 * @param totalPages base pages of all regions, as all pages here
 * @param precopyPages pages with data sent in precopy rounds, some of them several times
 * @param currentPages pages that needed nothing more behind the switchover
 * @param urgentPages pages with data sent on request, or brought along with one
 * @param prefetchedPages pages, also of zeros, that nobody asked for: that the VM needs first, or
 *     that answers to requests for others brought along
 * @param backgroundPages pages with data sent in the background
 * @param zeroPages pages of zeros
 * @param requests page requests received
 * @param duplicateRequests requests for pages sent before
 * @param currentAnswers requests that were answered without a page, since it was current
 * @param bytesSent bytes of page frames and page sets
 * @param channelBytes of which the pages on each bulk connection, compressed or not
 * @param compression what compressing them did
 * @param resentPages pages that were sent, did not arrive since a connection was lost, and were
 *     sent again: they count twice above
 * @param recoveries how often connections were made again behind the commit point
 * @param pausedNanos how long there were none
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
   * What compressing pages did.
   *
   * @param mode what was asked for
   * @param pages that were sent compressed
   * @param bytesBefore their bytes
   * @param bytesAfter what they were compressed to
   * @param nanos of the processor for it, also where a run did not get smaller
   */
  public record Compression(
      CompressionMode mode, long pages, long bytesBefore, long bytesAfter, long nanos) {}
}
