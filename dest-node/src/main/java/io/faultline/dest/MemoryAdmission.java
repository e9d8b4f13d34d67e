package io.faultline.dest;

import io.faultline.memory.limits.MemoryDemand;

/**
 * Decides whether a destination can hold a VM as a whole, before the VM is built here, and so
 * before it is paused at the source.
 */
public interface MemoryAdmission {
  /** Admits every VM. */
  MemoryAdmission ALL = vm -> () -> {};

  /**
   * Admits a VM, and reserves what it needs. Called on the control loop, while the VM runs at the
   * source.
   *
   * @param vm what it needs, without the node itself
   * @throws IncomingVmException if the VM does not fit, with the limit that is too low
   */
  Admitted admit(MemoryDemand vm) throws IncomingVmException;

  /** Memory that is reserved until this is closed. */
  interface Admitted extends AutoCloseable {
    /** The VM's memory was mapped, and with it everything that the kernel counts then. */
    default void mapped() {}

    @Override
    void close();
  }
}
