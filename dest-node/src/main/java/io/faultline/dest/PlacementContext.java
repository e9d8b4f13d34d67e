package io.faultline.dest;

import io.faultline.dest.recording.IncomingRecording;
import org.jspecify.annotations.Nullable;

/**
 * What the objects that place pages need besides the memory itself.
 *
 * @param requests where faults are requested
 * @param urgentWaits where the control loop waits for memory
 * @param bulkWaits where the bulk loop waits for memory
 * @param counters what is placed
 * @param recording records what is placed; null for nothing
 * @param needed gets the pages that the VM needs first; null for nothing
 */
record PlacementContext(
    FaultReader.PageRequests requests,
    MemoryWaits urgentWaits,
    MemoryWaits bulkWaits,
    IncomingCounters counters,
    @Nullable IncomingRecording recording,
    @Nullable NeededPages needed) {}
