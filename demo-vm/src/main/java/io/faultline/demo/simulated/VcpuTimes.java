package io.faultline.demo.simulated;

import io.faultline.dest.recording.TimeBuckets;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the vCPUs of a VM measure of their time on this machine. Thread-safe, except where noted.
 */
public final class VcpuTimes {
  private final List<Vcpu> vcpus;
  private volatile List<TimeBuckets> blockedTime = List.of();

  VcpuTimes(List<Vcpu> vcpus) {
    this.vcpus = vcpus;
  }

  /** The faults of each vCPU. */
  public List<VcpuFaults> faults() {
    return vcpus.stream().map(vcpu -> vcpu.clock().faults()).toList();
  }

  /**
   * Starts to record over time how long each vCPU waits for pages. Call it before the VM starts.
   */
  public void recordBlockedTime() {
    List<TimeBuckets> into = vcpus.stream().map(vcpu -> new TimeBuckets()).toList();
    for (int i = 0; i < into.size(); i++) {
      vcpus.get(i).clock().startRecording(into.get(i));
    }
    blockedTime = into;
  }

  /** Ends the recording; it can be read once the VM is paused. */
  public void stopRecordingBlockedTime() {
    vcpus.forEach(vcpu -> vcpu.clock().stopRecording());
  }

  /** How many nanoseconds each vCPU waited for pages, over time; empty if it was not recorded. */
  public List<TimeBuckets.Series> blockedTime() {
    return blockedTime.stream().map(TimeBuckets::series).toList();
  }

  /**
   * The pause that the guest measured around its migration to this machine: from the end of the
   * last operation at the source to the end of the first one here, the maximum over all vCPUs. For
   * a paced vCPU that slept when it was paused, it starts when that sleep ended. Empty until each
   * vCPU that had done operations at the source has done one here or ended; 0 if there is no such
   * vCPU.
   */
  public OptionalLong guestPauseNanos() {
    long longest = 0;
    for (Vcpu vcpu : vcpus) {
      if (vcpu.pauseStillUnknown()) {
        return OptionalLong.empty();
      }
      longest = Math.max(longest, vcpu.clock().pauseNanos().orElse(0));
    }
    return OptionalLong.of(longest);
  }

  /**
   * The longest gap between two operations of each vCPU, in nanoseconds, on any machine; sleeps of
   * a paced vCPU excluded. Only while paused or finished.
   */
  public long[] longestGapNanos() {
    return vcpus.stream().mapToLong(vcpu -> vcpu.clock().longestGapNanos()).toArray();
  }
}
