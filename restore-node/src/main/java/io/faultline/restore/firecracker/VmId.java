package io.faultline.restore.firecracker;

/**
 * The process of a VM, whatever happens to its id.
 *
 * @param pid in the pid namespace of this process
 * @param startTicks when it started, in clock ticks since the machine started
 */
record VmId(int pid, long startTicks) {}
