package io.faultline.source;

import org.jspecify.annotations.Nullable;

/**
 * How an outgoing migration ended. Times are in nanoseconds, -1 where it did not come to that.
 *
 * @param state {@link OutgoingState#COMPLETED} or {@link OutgoingState#FAILED}
 * @param committed whether RUN was sent: the VM must not run here any more
 * @param error why it failed, for a person; null when completed
 * @param setupNanos from the start to the destination's memory being prepared
 * @param totalNanos from the start to the end
 * @param downtimeNanos from the pause here to the first guest instruction at the destination
 * @param downtimeErrorNanos the most by which the downtime can be wrong, since it spans two clocks
 * @param pauseNanos what stopping the vCPUs took, of the downtime
 * @param deviceStateNanos what reading the device state took, of the downtime
 * @param loadNanos what loading the device state took at the destination, of the downtime
 * @param startNanos from RUN to the first instruction at the destination, of the downtime
 * @param totalPages pages of all regions
 * @param urgentPages pages with data sent on request
 * @param backgroundPages pages with data sent in the background
 * @param zeroPages pages of zeros
 * @param requests page requests received
 * @param duplicateRequests requests for pages sent before
 * @param bytesSent bytes of page frames
 */
public record OutgoingReport(
    OutgoingState state,
    boolean committed,
    @Nullable String error,
    long setupNanos,
    long totalNanos,
    long downtimeNanos,
    long downtimeErrorNanos,
    long pauseNanos,
    long deviceStateNanos,
    long loadNanos,
    long startNanos,
    long totalPages,
    long urgentPages,
    long backgroundPages,
    long zeroPages,
    long requests,
    long duplicateRequests,
    long bytesSent) {}
