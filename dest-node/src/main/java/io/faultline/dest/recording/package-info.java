/**
 * Records what happens during an incoming migration, for a report at its end. Off unless {@link
 * io.faultline.dest.DestinationSettings} has an {@link
 * io.faultline.dest.recording.IncomingRecording}, which is the entry point and states which thread
 * writes what. Nothing here allocates or locks while the VM runs.
 *
 * <ul>
 *   <li>{@link io.faultline.dest.recording.FaultLog}, {@link
 *       io.faultline.dest.recording.PlacementLog}: the faults that are read; the runs that one
 *       event loop places. Both write {@code EventLog}s, which keep the first and the newest
 *       events.
 *   <li>{@code ArrivalMap}: guest memory in a fixed number of cells, and what arrived in each
 *       ({@link io.faultline.dest.recording.ArrivedCells}), by which {@link
 *       io.faultline.dest.recording.Way}. {@code PageNumbers}: pages of all regions, and which were
 *       requested.
 *   <li>{@link io.faultline.dest.recording.TimeBuckets}: sums over time in a fixed amount of
 *       memory.
 *   <li>{@link io.faultline.dest.recording.OutageLog}, {@link
 *       io.faultline.dest.recording.IncomingMilestones}: losses of the connection; when each step
 *       happened.
 *   <li>{@link io.faultline.dest.recording.IncomingEvents}: all of it after the end. {@code
 *       FaultJoin} then finds out which run resolved which fault, of which {@link
 *       io.faultline.dest.recording.FaultKind} ({@link
 *       io.faultline.dest.recording.ResolvedFaults}).
 * </ul>
 */
@NullMarked
package io.faultline.dest.recording;

import org.jspecify.annotations.NullMarked;
