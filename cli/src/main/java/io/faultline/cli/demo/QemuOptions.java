package io.faultline.cli.demo;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.mixin.VmOptions;
import io.faultline.cli.options.GivenOptions;
import io.faultline.cli.options.QemuGuestKind;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.qemu.DemoGuest;
import io.faultline.cli.qemu.LinuxGuest;
import io.faultline.cli.qemu.ProgramGuest;
import io.faultline.cli.qemu.TscFrequency;
import io.faultline.demo.kvm.KvmHost;
import io.faultline.qemu.process.Accelerator;
import io.faultline.qemu.process.QemuProgram;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The QEMUs of {@code demo --vm qemu}, and their guest. */
@InGroup(OptionGroup.VM)
final class QemuOptions {
  private static final Set<String> ALL =
      Set.of("--qemu", "--accel", "--guest", "--kernel", "--initrd");

  /** Those of a guest program. */
  private static final Set<String> NOT_WITH_LINUX =
      Set.of(
          "--workload",
          "--working-set",
          "--zero-fraction",
          "--common-fraction",
          "--ops",
          "--write-fraction",
          "--pace",
          "--seed");

  /** Some seconds of work. */
  private static final long OPERATIONS_OF_TCG = 20_000_000;

  private static final long OPERATIONS_OF_KVM = 40_000_000;

  @Option(
      names = "--qemu",
      paramLabel = "PROGRAM",
      description = "The QEMU of --vm qemu (default: qemu-system-x86_64 in the PATH).")
  private @Nullable Path program;

  @Option(
      names = "--accel",
      paramLabel = "NAME",
      defaultValue = "tcg",
      description =
          "How the QEMU of --vm qemu runs its guest: tcg (binary translation), or kvm"
              + " (default: ${DEFAULT-VALUE}).")
  private Accelerator accelerator = Accelerator.TCG;

  @Option(
      names = "--guest",
      paramLabel = "NAME",
      defaultValue = "program",
      description =
          "What runs in the QEMU of --vm qemu: program (a guest program, as in other VMs), or linux"
              + " (which checks sums of its memory) (default: ${DEFAULT-VALUE}).")
  private QemuGuestKind guest = QemuGuestKind.PROGRAM;

  @Option(
      names = "--kernel",
      paramLabel = "FILE",
      description = "The kernel of --guest linux, such as target/qemu-guest/vmlinuz.")
  private @Nullable Path linuxKernel;

  @Option(
      names = "--initrd",
      paramLabel = "FILE",
      description = "The first file system of --guest linux, such as target/qemu-guest/initrd.")
  private @Nullable Path initrd;

  /**
   * Checks the options of a demo with another kind of VM.
   *
   * @throws UsageException if one of these was given
   */
  static void refuseWithout(GivenOptions given) {
    given.refuse(ALL, "the guest of a QEMU is moved with --vm qemu only");
  }

  /**
   * Checks that the options go together, before anything is looked at.
   *
   * @throws UsageException if they do not
   */
  void check(GivenOptions given) {
    if (guest == QemuGuestKind.LINUX) {
      given.refuse(NOT_WITH_LINUX, "--guest linux runs a program of its own");
      require("--kernel", linuxKernel);
      require("--initrd", initrd);
    } else {
      given.refuse(Set.of("--kernel", "--initrd"), "only --guest linux boots a kernel");
    }
    if (program != null && !QemuProgram.isProgram(program)) {
      throw new UsageException("--qemu " + program + ": it is not a program; give its path");
    }
  }

  private static void require(String option, @Nullable Path file) {
    if (file == null) {
      throw new UsageException(
          "--guest linux needs "
              + option
              + " FILE; tests/qemu/get-linux-guest.sh puts a small Linux into target/qemu-guest");
    }
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new UsageException(option + " " + file + ": it is not a file that can be read");
    }
  }

  /**
   * The program to start.
   *
   * @throws UsageException if none is installed
   */
  Path program() {
    return program != null
        ? program.toAbsolutePath()
        : QemuProgram.find()
            .orElseThrow(
                () ->
                    new UsageException(
                        "--vm qemu: there is no "
                            + QemuProgram.NAME
                            + " in the PATH; "
                            + QemuProgram.REMEDY
                            + ", or name it with --qemu"));
  }

  Accelerator accelerator() {
    return accelerator;
  }

  /**
   * The guest.
   *
   * @param remarks gets lines on its progress
   * @throws UsageException if it cannot be as the options say, or not with this accelerator
   */
  DemoGuest guest(LinuxKernel kernel, VmOptions vm, Consumer<String> remarks) throws IOException {
    int tscKhz = accelerator == Accelerator.KVM ? tscKhzOfKvm(kernel) : TscFrequency.khz();
    if (guest == QemuGuestKind.LINUX) {
      return linux(vm, remarks);
    }
    long operations = accelerator == Accelerator.KVM ? OPERATIONS_OF_KVM : OPERATIONS_OF_TCG;
    return new ProgramGuest(kernel, tscKhz, vm.qemuConfig(kernel, operations), remarks);
  }

  private LinuxGuest linux(VmOptions vm, Consumer<String> remarks) {
    if (linuxKernel == null || initrd == null) {
      throw new IllegalStateException("not checked");
    }
    if (vm.ramBytes() < LinuxGuest.LEAST_RAM_BYTES) {
      throw new UsageException(
          "--ram: --guest linux needs at least " + (LinuxGuest.LEAST_RAM_BYTES >> 20) + "m");
    }
    if (vm.vcpus() < 1 || vm.vcpus() > LinuxGuest.MOST_VCPUS) {
      throw new UsageException(
          "--vcpus " + vm.vcpus() + ": --guest linux takes 1 to " + LinuxGuest.MOST_VCPUS);
    }
    return new LinuxGuest(
        linuxKernel.toAbsolutePath(), initrd.toAbsolutePath(), vm.ramBytes(), vm.vcpus(), remarks);
  }

  private static int tscKhzOfKvm(LinuxKernel kernel) {
    try (KvmHost host = KvmHost.open(kernel)) {
      return host.tscKhz();
    } catch (UnsupportedOperationException e) {
      throw new UsageException("--accel kvm: " + e.getMessage() + "; or use --accel tcg");
    }
  }
}
