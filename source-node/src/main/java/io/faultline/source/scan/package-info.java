/**
 * Which pages to send next in postcopy, from what is known about the guest: the pages that it
 * requests, and the pages that it wrote last before the switchover.
 *
 * <p>On the control loop, for each page request:
 *
 * <ol>
 *   <li>{@link io.faultline.source.scan.Prefetcher} sends further pages after the requested one,
 *       and publishes the guest's position.
 *   <li>{@code AccessStreams} recognises sequential and strided access, {@code FaultDensity} counts
 *       requests per block of memory. Both limit how much is prefetched. {@code BlockPlans}: what
 *       is yet to be prefetched of blocks.
 * </ol>
 *
 * <p>{@code AccessHints} carries the positions to the bulk loop, without a lock.
 *
 * <p>On the bulk loop, for each step of the background scan:
 *
 * <ol>
 *   <li>{@link io.faultline.source.scan.ScanOrder} picks the next run of units that were not sent.
 *   <li>{@code Bubbles} looks around the guest's positions, {@code HotScan} at pages written
 *       shortly before the switchover, {@code LinearScan} at all memory.
 * </ol>
 *
 * <p>{@link io.faultline.source.scan.ScanRegion} is what both need of a region of memory, above all
 * its sent bitmap. {@link io.faultline.source.scan.ScanSettings} switches the parts on and off.
 */
@NullMarked
package io.faultline.source.scan;

import org.jspecify.annotations.NullMarked;
