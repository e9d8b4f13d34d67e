package io.faultline.dest.recording;

import java.util.List;

/**
 * What was recorded of an incoming migration. All times are in nanoseconds of the destination's
 * clock.
 *
 * @param milestones when the steps happened
 * @param faults the faults, with what resolved them
 * @param faultCounts all faults over time, also those that are not among {@code faults}
 * @param cells guest memory: what arrived where
 * @param arrived base pages that arrived over time, by the ordinal of {@link Way}; two series for
 *     each, of the control loop and of the bulk loop
 * @param outages losses of the connection
 */
public record IncomingEvents(
    IncomingMilestones milestones,
    ResolvedFaults faults,
    TimeBuckets.Series faultCounts,
    ArrivedCells cells,
    List<List<TimeBuckets.Series>> arrived,
    List<OutageLog.Outage> outages) {}
