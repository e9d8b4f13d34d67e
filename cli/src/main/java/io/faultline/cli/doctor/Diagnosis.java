package io.faultline.cli.doctor;

import io.faultline.demo.kvm.KernelFaults;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.host.SystemFiles;
import io.faultline.uffd.linux.LinuxKernel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All findings about this machine, and which VMs can run on it.
 *
 * @param sections all of them
 * @param qemu the one about a running QEMU, if the user has named one
 * @param scope the widest scope in which this process can catch faults; empty for none
 * @param features features of userfaultfd that the kernel has
 * @param kvm whether this process can run KVM VMs
 */
record Diagnosis(
    List<Section> sections,
    Optional<Section> qemu,
    Optional<FaultScope> scope,
    Set<Feature> features,
    boolean kvm) {

  Diagnosis {
    sections = List.copyOf(sections);
    features = Set.copyOf(features);
  }

  /** Examines this machine. */
  static Diagnosis ofThisMachine() {
    SystemFiles files = new SystemFiles(Path.of("/"));
    Kernel kernel = kernel();
    List<Section> sections = new ArrayList<>();
    sections.add(new SystemCheck(kernel).run());
    if (kernel == null) {
      return new Diagnosis(sections, Optional.empty(), Optional.empty(), Set.of(), false);
    }
    UserfaultfdCheck userfaultfd = new UserfaultfdCheck(kernel, files);
    KvmCheck kvm = new KvmCheck(kernel, files, userfaultfd.widestScope());
    Set<Feature> features =
        userfaultfd.widestScope().isPresent()
            ? kernel.supportedFeatures()
            : EnumSet.noneOf(Feature.class);
    sections.add(userfaultfd.run());
    sections.add(FeatureCheck.run(features));
    sections.add(MemoryLimitCheck.run(files));
    sections.add(HugePageCheck.run(kernel));
    sections.add(kvm.run());
    return new Diagnosis(
        sections, Optional.empty(), userfaultfd.widestScope(), features, kvm.isUsable());
  }

  /** The same with what was found about a running QEMU. */
  Diagnosis with(Section ofQemu) {
    List<Section> all = new ArrayList<>(sections);
    all.add(ofQemu);
    return new Diagnosis(all, Optional.of(ofQemu), scope, features, kvm);
  }

  /** Whether what the user asked for works: that QEMU's guest can be moved, or the demo can run. */
  boolean isPositive() {
    return demoWorks() && qemu.map(QemuSection::isMovable).orElse(true);
  }

  /** Whether the demo can run with the kernel's userfaultfd. */
  boolean demoWorks() {
    return scope.isPresent();
  }

  /** One line for each kind of VM. */
  List<String> verdict() {
    List<String> lines = new ArrayList<>();
    lines.add("demo: " + demo());
    lines.add("demo --vm kvm: " + demoInKvm());
    qemu.ifPresent(
        section ->
            lines.add(
                "this guest of QEMU: "
                    + (QemuSection.isMovable(section)
                        ? "can be moved"
                        : "cannot be moved, see above")));
    return lines;
  }

  private String demo() {
    if (scope.isEmpty()) {
      return "no, this process cannot open a userfaultfd";
    }
    return scope.get() == FaultScope.USER_AND_KERNEL
        ? "yes (faults in user mode and in the kernel)"
        : "yes (faults in user mode only, which is enough for simulated VMs)";
  }

  private String demoInKvm() {
    boolean kernelFaults = scope.filter(FaultScope.USER_AND_KERNEL::equals).isPresent();
    if (kvm && kernelFaults) {
      return "yes";
    }
    return "no, "
        + (kvm
            ? "the destination must catch faults in the kernel; run: " + KernelFaults.REMEDY
            : "KVM cannot be used, see above");
  }

  private static @Nullable Kernel kernel() {
    try {
      return new LinuxKernel();
    } catch (UnsupportedOperationException e) {
      return null; // SystemCheck reports the unsupported system
    }
  }
}
