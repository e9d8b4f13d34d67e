package io.faultline.cli.bench.qemu;

import io.faultline.demo.simulated.VcpuFaults;
import java.util.OptionalDouble;

/**
 * The result of a migration by QEMU.
 *
 * @param statistics what QEMU reports
 * @param stopToResumeMillis from the source's STOP event to the destination's RESUME event, by the
 *     host's clock; empty if one of them was not received
 * @param requestToResumeMillis from before the source's QEMU was told to migrate to the
 *     destination's RESUME event; empty if that was not received
 * @param longestGapMillis the longest time between two operations of the guest, since it started
 * @param guest the faults that the guest measured, from just before the migration to its end
 * @param operations operations of the guest in that time
 */
public record QemuResult(
    QemuStatistics statistics,
    OptionalDouble stopToResumeMillis,
    OptionalDouble requestToResumeMillis,
    double longestGapMillis,
    VcpuFaults guest,
    long operations) {}
