package io.faultline.cli.doctor;

import io.faultline.demo.kvm.KernelFaults;
import io.faultline.demo.kvm.KvmHost;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether this process may run virtual machines on the processor, and take in those that migrate:
 * the device, what KVM can do, and the faults that it takes in the kernel.
 */
final class KvmCheck {
  private static final String DEVICE = "/dev/kvm";

  private final SystemFiles files;
  private final boolean kernelFaults;

  /** Why no VM can be built with the device; empty where one can. Asked once. */
  private final Supplier<Optional<String>> problem;

  private Optional<String> found = Optional.empty();
  private boolean asked;

  /**
   * @param scope the widest scope in which this process can catch faults; empty for none
   */
  KvmCheck(Kernel kernel, SystemFiles files, Optional<FaultScope> scope) {
    this(files, scope, () -> problem(kernel));
  }

  KvmCheck(SystemFiles files, Optional<FaultScope> scope, Supplier<Optional<String>> problem) {
    this.files = files;
    this.kernelFaults = scope.filter(FaultScope.USER_AND_KERNEL::equals).isPresent();
    this.problem = problem;
  }

  /** Whether VMs can be run, and so migrated away. */
  boolean isUsable() {
    return isOpen() && problem().isEmpty();
  }

  Section run() {
    List<Finding> findings = new ArrayList<>();
    findings.add(device());
    if (isOpen()) {
      findings.add(
          problem()
              .map(why -> Finding.missing("interface", why, ""))
              .orElseGet(() -> Finding.ok("interface", "version 12, with all that VMs here need")));
    }
    findings.add(faults());
    return new Section("KVM", findings);
  }

  private Finding device() {
    if (isOpen()) {
      return Finding.ok(DEVICE, "readable and writable");
    }
    return files.exists(DEVICE)
        ? Finding.warn(
            DEVICE,
            "there, not open to this user",
            files.isOpenToGroup(DEVICE, "kvm")
                ? "sudo usermod -aG kvm $USER (then log in anew)"
                : "sudo chmod 666 " + DEVICE)
        : Finding.missing(
            DEVICE,
            "no hardware virtualization here (in a VM: nested virtualization is off)",
            "sudo modprobe -a kvm_intel kvm_amd");
  }

  private Finding faults() {
    String name = "faults of guests";
    return kernelFaults
        ? Finding.ok(name, "can be caught: those in the kernel too")
        : Finding.warn(
            name,
            "KVM takes them in the kernel; user mode faults are not enough to take a VM in",
            KernelFaults.REMEDY);
  }

  private boolean isOpen() {
    return files.isReadableAndWritable(DEVICE);
  }

  private Optional<String> problem() {
    if (!asked) {
      asked = true;
      found = problem.get();
    }
    return found;
  }

  /** What can be tried is tried: it is opened, and a VM made. */
  private static Optional<String> problem(Kernel kernel) {
    try {
      KvmHost.open(kernel).close();
      return Optional.empty();
    } catch (UnsupportedOperationException | SystemCallException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
