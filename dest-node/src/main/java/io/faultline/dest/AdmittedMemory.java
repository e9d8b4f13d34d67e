package io.faultline.dest;

import io.faultline.memory.limits.MemoryDemand;

/** What was admitted for the VM of one migration, and its meter. Confined to the control loop. */
final class AdmittedMemory {
  private final MemoryAdmission admission;
  private final IncomingCounters counters;
  private MemoryAdmission.Admitted admitted = () -> {};
  private long guestBytes;

  AdmittedMemory(MemoryAdmission admission, IncomingCounters counters) {
    this.admission = admission;
    this.counters = counters;
  }

  /**
   * @throws IncomingVmException if the VM is refused
   */
  void admit(MemoryDemand demand) throws IncomingVmException {
    admitted = admission.admit(demand);
    guestBytes = demand.allGuestBytes();
    counters.admittedBytes.add(guestBytes);
  }

  void mapped() {
    admitted.mapped();
  }

  /** The migration has ended: what it needed is taken, or given back. */
  void close() {
    admitted.close();
    counters.admittedBytes.add(-guestBytes);
    guestBytes = 0;
  }
}
