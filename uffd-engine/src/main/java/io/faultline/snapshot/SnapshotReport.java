package io.faultline.snapshot;

import io.faultline.snapshot.file.SnapshotId;

/**
 * What a snapshot took.
 *
 * @param id of the snapshot
 * @param armNanos to protect all memory, while the VM ran
 * @param pauseNanos from the call that paused the VM to the return of the call that resumed it
 * @param stopNanos the part of it until all vCPUs had stopped
 * @param stateNanos the part of it in which the state of its devices was taken
 * @param rearmNanos the part of it in which memory was protected again
 * @param totalNanos from the beginning until the file was durable
 * @param memoryBytes of the VM
 * @param dataBytes of memory in the file: all but zeros and what is in the base
 * @param baseBytes of memory that is in the base alone; 0 without a base
 * @param fileBytes the size of the file
 * @param armFaults write faults before the pause
 * @param rearmedBytes protected again in the pause
 * @param faults write faults after the pause
 * @param copiedBytes copied out for them
 * @param ringWaits how often a fault waited because the ring was full
 * @param serviceNanos the sum over all faults after the pause of the time from reading the fault
 *     until the page was released
 */
public record SnapshotReport(
    SnapshotId id,
    long armNanos,
    long pauseNanos,
    long stopNanos,
    long stateNanos,
    long rearmNanos,
    long totalNanos,
    long memoryBytes,
    long dataBytes,
    long baseBytes,
    long fileBytes,
    long armFaults,
    long rearmedBytes,
    long faults,
    long copiedBytes,
    long ringWaits,
    long serviceNanos) {}
