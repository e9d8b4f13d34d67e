package io.faultline.cli.bench.qemu;

import io.faultline.demo.simulated.VcpuFaults;
import java.util.OptionalDouble;

/**
 * What came of a migration by QEMU.
 *
 * @param answers what QEMU says
 * @param stopToResumeMillis from the source's event STOP to the destination's event RESUME, by one
 *     clock; empty where one of them was not told
 * @param longestGapMillis the longest time between two operations that the guest ever saw
 * @param guest the faults that the guest saw, from just before the migration to its end
 * @param operations how many operations the guest did meanwhile
 */
public record QemuResult(
    MigrationAnswers answers,
    OptionalDouble stopToResumeMillis,
    double longestGapMillis,
    VcpuFaults guest,
    long operations) {}
