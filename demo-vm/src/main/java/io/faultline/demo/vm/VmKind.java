package io.faultline.demo.vm;

import io.faultline.demo.kvm.KvmSource;
import io.faultline.demo.simulated.SimulatedSource;

/** The kinds of VM. */
public enum VmKind {
  /** Its vCPUs run guest programs in Java. */
  SIMULATED(SimulatedSource.TYPE),
  /** Its vCPUs run guest programs natively, under /dev/kvm. */
  KVM(KvmSource.TYPE),
  /** The guest of a stock QEMU, which this module neither builds nor runs. */
  QEMU("qemu");

  private final String type;

  VmKind(String type) {
    this.type = type;
  }

  /** As on the command line, and as {@code OutgoingVm.type()} returns it. */
  @Override
  public String toString() {
    return type;
  }
}
