package io.faultline.restore.firecracker;

/** What was done for one VM. Written by its thread alone. */
final class VmCounters {
  long faults;
  long filePages;
  long zeroPages;
  long backgroundPages;
  long removes;
  long retries;

  VmReport report(int pid) {
    return new VmReport(pid, faults, filePages, zeroPages, backgroundPages, removes, retries);
  }
}
