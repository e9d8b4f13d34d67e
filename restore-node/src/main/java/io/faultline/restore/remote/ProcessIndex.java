package io.faultline.restore.remote;

import io.faultline.proto.WireException;
import io.faultline.proto.wire.ProcessMemory;

/** The processes of a page source: on the wire each has a number. Immutable. */
final class ProcessIndex {
  private static final int MAX_PROCESSES = 1 << 20;

  private final int[] pids;

  private ProcessIndex(int[] pids) {
    this.pids = pids;
  }

  /** Checks a page source's announcement. */
  static ProcessIndex of(ProcessMemory announced) throws WireException {
    int count = announced.getProcessesCount();
    if (count < 1 || count > MAX_PROCESSES || announced.getLeaseMillis() < 0) {
      throw new WireException(
          count + " frozen processes, with a lease of " + announced.getLeaseMillis() + " ms");
    }
    int[] pids = new int[count];
    for (int i = 0; i < count; i++) {
      pids[i] = announced.getProcesses(i).getPid();
      if (pids[i] < 1) {
        throw new WireException("a frozen process with the id " + pids[i]);
      }
    }
    return new ProcessIndex(pids);
  }

  /** The number of a process; -1 if the page source does not have it. */
  int find(int pid) {
    for (int i = 0; i < pids.length; i++) {
      if (pids[i] == pid) {
        return i;
      }
    }
    return -1;
  }

  int size() {
    return pids.length;
  }
}
