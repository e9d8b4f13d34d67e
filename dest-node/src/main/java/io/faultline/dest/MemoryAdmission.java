package io.faultline.dest;

import io.faultline.memory.limits.MemoryDemand;

/**
 * Decides whether a destination can hold a VM as a whole, before the VM is built here, and so
 * before it is paused at the source.
 */
public interface MemoryAdmission {
  /** Admits every VM. */
  MemoryAdmission ALL = demand -> () -> {};

  /**
   * Admits a VM, and reserves what it needs. Called on the control loop, while the VM runs at the
   * source.
   *
   * @throws IncomingVmException if the VM does not fit, with the limit that is too low
   */
  Admitted admit(MemoryDemand demand) throws IncomingVmException;

  /** Memory that is reserved until this is closed. */
  interface Admitted extends AutoCloseable {
    @Override
    void close();
  }
}
