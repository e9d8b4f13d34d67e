package io.faultline.restore.firecracker;

/**
 * What was done for one VM.
 *
 * @param pid of its process
 * @param faults that were read
 * @param filePages pages of the guest's page size that faults got from the memory file
 * @param zeroPages pages that faults got as zeros: given back by the guest, or holes of the file
 * @param backgroundPages pages of 4 KiB that came without a fault
 * @param removes ranges that the guest gave back
 * @param retries fills that the kernel refused for the moment
 */
public record VmReport(
    int pid,
    long faults,
    long filePages,
    long zeroPages,
    long backgroundPages,
    long removes,
    long retries) {}
