package io.faultline.demo.vm;

import io.faultline.demo.kvm.KvmSource;
import io.faultline.demo.simulated.SimulatedSource;

/** What kind of VM it is. */
public enum VmKind {
  /** vCPUs are threads of the JVM. */
  SIMULATED(SimulatedSource.TYPE),
  /** vCPUs are those of the processor, under /dev/kvm. */
  KVM(KvmSource.TYPE);

  private final String type;

  VmKind(String type) {
    this.type = type;
  }

  /** As on the command line, and as {@code OutgoingVm.type()}. */
  @Override
  public String toString() {
    return type;
  }
}
