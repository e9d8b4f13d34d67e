package io.faultline.demo.kvm;

import io.faultline.demo.simulated.VcpuFaults;
import java.util.List;
import java.util.OptionalLong;

/** What the guest's vCPUs measure of their time, as {@link GuestClock} reads it. Thread-safe. */
public final class GuestTimes {
  private final List<Vcpu> vcpus;
  private volatile int arrivals;

  GuestTimes(List<Vcpu> vcpus) {
    this.vcpus = vcpus;
  }

  /** The VM has arrived on this machine; how often on any, with this time. */
  void arrived(int times) {
    arrivals = times;
  }

  /** How often the VM has arrived on a machine. */
  int arrivals() {
    return arrivals;
  }

  /**
   * The faults of each vCPU on this machine: gaps between two operations as long as a page fault. A
   * gap may also mean that the host did not schedule the vCPU.
   */
  public List<VcpuFaults> faults() {
    return vcpus.stream().map(vcpu -> vcpu.clock().faults(arrivals)).toList();
  }

  /**
   * The pause that the guest measured around its migration to this machine: from the end of the
   * last operation at the source to the end of the first one here, the maximum over all vCPUs.
   * Empty until each vCPU has done an operation here; 0 for a VM that was started here.
   */
  public OptionalLong guestPauseNanos() {
    long longest = 0;
    for (Vcpu vcpu : vcpus) {
      OptionalLong gap = vcpu.clock().arrivalGapNanos(arrivals);
      if (gap.isEmpty()) {
        return OptionalLong.empty();
      }
      longest = Math.max(longest, gap.getAsLong());
    }
    return OptionalLong.of(longest);
  }

  /** The longest gap between two operations of each vCPU, on any machine. */
  public long[] longestGapNanos() {
    return vcpus.stream().mapToLong(vcpu -> vcpu.clock().longestGapNanos()).toArray();
  }

  /** How often a vCPU saw its TSC go backwards; must be 0. */
  public long timesBackwards() {
    return vcpus.stream().mapToLong(vcpu -> vcpu.clock().backwards()).sum();
  }
}
