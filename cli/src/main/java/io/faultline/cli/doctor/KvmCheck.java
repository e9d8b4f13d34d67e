package io.faultline.cli.doctor;

import io.faultline.demo.kvm.KernelFaults;
import io.faultline.demo.kvm.KvmHost;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.host.SystemFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Checks whether this process can run KVM VMs, and receive migrating ones: the device, KVM's
 * capabilities, and whether faults in the kernel, where KVM takes those of guests, can be caught.
 */
final class KvmCheck {
  private static final String DEVICE = "/dev/kvm";

  private final SystemFiles files;
  private final boolean kernelFaults;

  /** Returns why no VM can be created; empty if one can. Called once. */
  private final Supplier<Optional<String>> problem;

  private Optional<String> found = Optional.empty();
  private boolean checked;

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

  /** Whether VMs can run, and so be migrated to another machine. */
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
              .orElseGet(
                  () -> Finding.ok("interface", "version 12, with all capabilities needed")));
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
            "exists, but this user cannot open it",
            files.isOpenToGroup(DEVICE, "kvm")
                ? "sudo usermod -aG kvm $USER (then log in again)"
                : "sudo chmod 666 " + DEVICE)
        : Finding.missing(
            DEVICE,
            "no hardware virtualization (in a VM: nested virtualization is off)",
            "sudo modprobe -a kvm_intel kvm_amd");
  }

  private Finding faults() {
    String name = "guest faults";
    return kernelFaults
        ? Finding.ok(name, "can be caught, including those in the kernel")
        : Finding.warn(
            name,
            "KVM takes them in the kernel; a destination must catch more than user mode faults",
            KernelFaults.REMEDY);
  }

  private boolean isOpen() {
    return files.isReadableAndWritable(DEVICE);
  }

  private Optional<String> problem() {
    if (!checked) {
      checked = true;
      found = problem.get();
    }
    return found;
  }

  /** Opens KVM and creates a VM. */
  private static Optional<String> problem(Kernel kernel) {
    try {
      KvmHost.open(kernel).close();
      return Optional.empty();
    } catch (UnsupportedOperationException | SystemCallException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
