package io.faultline.cli.recording;

import io.faultline.dest.recording.IncomingEvents;
import io.faultline.dest.recording.TimeBuckets;
import java.util.List;

/**
 * What the destination recorded of a migration.
 *
 * @param events faults and placements
 * @param pageBytes size of a base page
 * @param blockedTime for each vCPU how many nanoseconds it waited for pages, over time; empty if
 *     this kind of VM does not record it
 */
public record DestinationSide(
    IncomingEvents events, long pageBytes, List<TimeBuckets.Series> blockedTime) {}
