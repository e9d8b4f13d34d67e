package io.faultline.demo.doctor;

import java.util.List;

/** Whether this process may run virtual machines on the processor. */
final class KvmCheck {
  private static final String DEVICE = "/dev/kvm";

  private final SystemFiles files;

  KvmCheck(SystemFiles files) {
    this.files = files;
  }

  boolean isUsable() {
    return files.isReadableAndWritable(DEVICE);
  }

  Section run() {
    return new Section("KVM", List.of(finding()));
  }

  private Finding finding() {
    if (isUsable()) {
      return Finding.ok(DEVICE, "readable and writable");
    }
    return files.exists(DEVICE)
        ? Finding.warn(
            DEVICE, "there, not open to this user", "sudo usermod -aG kvm $USER (then log in anew)")
        : Finding.missing(
            DEVICE,
            "no hardware virtualization here (in a VM: nested virtualization is off)",
            "sudo modprobe -a kvm_intel kvm_amd");
  }
}
