package io.faultline.restore;

import io.faultline.restore.space.SpaceCounters;
import io.faultline.restore.transfer.TransferCounters;
import org.HdrHistogram.Histogram;

/**
 * The result of a session, or its progress.
 *
 * @param error one line for the user; empty unless failed
 * @param tasks living tasks whose userfaultfds have arrived
 * @param zombies tasks without memory
 * @param missingPages pages that have not arrived, counted for each process that misses them
 * @param latencyNanos how long threads waited for a page: a copy
 * @param totalMillis from CRIU's connection to the last page
 */
public record RestoreReport(
    RestoreState state,
    String error,
    int tasks,
    int zombies,
    long missingPages,
    double totalMillis,
    SpaceCounters memory,
    Histogram latencyNanos,
    TransferCounters transfer) {}
