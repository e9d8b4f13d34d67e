package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.memory.Backing;
import io.faultline.uffd.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The VM and its guest program. */
@InGroup(OptionGroup.VM)
public final class VmOptions {
  @Option(
      names = "--vm",
      paramLabel = "KIND",
      defaultValue = "simulated",
      description =
          "Kind of VM: simulated (vCPUs are threads of the JVM), kvm (hardware vCPUs), or qemu (the"
              + " guest of a stock QEMU) (default: ${DEFAULT-VALUE}).")
  private VmKind kind = VmKind.SIMULATED;

  @Option(
      names = "--ram",
      paramLabel = "SIZE",
      defaultValue = "1g",
      description = "Guest memory, such as 512m or 4g (default: ${DEFAULT-VALUE}).")
  private ByteSize ram = new ByteSize(1L << 30);

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--backing",
      paramLabel = "KIND",
      defaultValue = "anonymous",
      description =
          "What guest memory is made of: anonymous, shmem, hugetlb-2m, hugetlb-1g, or file:PATH"
              + " (default: ${DEFAULT-VALUE}).")
  private Backing backing = Backing.ANONYMOUS;

  @Option(
      names = "--vcpus",
      paramLabel = "N",
      description =
          "Number of vCPUs: 1 to 256, kvm up to 64, qemu 1, with --guest linux up to 16 (default:"
              + " 2, qemu 1).")
  private @Nullable Integer vcpus;

  @Option(
      names = "--workload",
      paramLabel = "NAME",
      description =
          "How the guest accesses memory: sequential, uniform, zipf (not qemu), or pointer-chase"
              + " (default: zipf, qemu uniform).")
  private @Nullable Workload workload;

  @Option(
      names = "--working-set",
      paramLabel = "SIZE",
      description = "How much of its memory the guest uses (default: a quarter of --ram).")
  private @Nullable ByteSize workingSet;

  @Option(
      names = "--zero-fraction",
      paramLabel = "F",
      defaultValue = "0",
      description =
          "Fraction of memory that is initially zero, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double zeroFraction;

  @Option(
      names = "--common-fraction",
      paramLabel = "F",
      defaultValue = "0",
      description =
          "Fraction of words in other pages with common values, which compress, 0 to 1"
              + " (default: ${DEFAULT-VALUE}).")
  private double commonFraction;

  @Option(
      names = "--ops",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Operations after which each vCPU stops; 0 to stop some time after the migration"
              + " (default: ${DEFAULT-VALUE}).")
  private long ops;

  @Option(
      names = "--write-fraction",
      paramLabel = "F",
      defaultValue = "1",
      description = "Fraction of operations that also write, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double writeFraction = 1;

  @Option(
      names = "--pace",
      paramLabel = "OPS",
      defaultValue = "0",
      description =
          "Operations per second of each vCPU; 0 for no limit (default: ${DEFAULT-VALUE}).")
  private long pace;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of initial memory and guest programs (default: random, printed).")
  private @Nullable Long seed;

  /**
   * The VM's configuration, checked against this machine's memory.
   *
   * @param copies how many VMs of this size this machine must hold at the same time
   * @throws UsageException if the options do not combine, or the VMs do not fit
   */
  public SimulatedVmConfig config(Kernel kernel, int copies) {
    SimulatedVmConfig config = config(kernel);
    requireMemory(kernel, copies);
    return config;
  }

  /**
   * The VM's configuration, not checked against this machine's memory.
   *
   * @throws UsageException if the options do not combine
   * @throws UnsupportedOperationException if a VM of this kind cannot run on this machine
   */
  public SimulatedVmConfig config(Kernel kernel) {
    try {
      SimulatedVmConfig config = programs(kernel);
      VmFactory.require(kind, kernel, config);
      return config;
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The configuration of a guest of QEMU, not checked against this machine's memory.
   *
   * @param defaultOps the number of operations if the user has given none
   * @throws UsageException if the options do not combine
   */
  public SimulatedVmConfig qemuConfig(Kernel kernel, long defaultOps) {
    try {
      SimulatedVmConfig config = programs(kernel);
      config.requireFits(kernel);
      return ops == 0 ? config.withOpsPerVcpu(defaultOps) : config;
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Checks the memory of a number of VMs against this machine's.
   *
   * @throws UsageException if they do not fit
   */
  public void requireMemory(Kernel kernel, int copies) {
    MemoryCheck.require(ram.bytes(), backing.unnamed().onMachine(kernel), copies);
  }

  private SimulatedVmConfig programs(Kernel kernel) {
    SimulatedVmConfig config =
        SimulatedVmConfig.of(ram.bytes(), backing, vcpus(), workload(), seed())
            .withZeroFraction(zeroFraction)
            .withCommonFraction(commonFraction)
            .withOpsPerVcpu(ops)
            .withWriteFraction(writeFraction)
            .withPace(pace);
    return workingSet == null
        ? config.withUsualWorkingSet(kernel)
        : config.withWorkingSetBytes(workingSet.bytes());
  }

  public VmKind kind() {
    return kind;
  }

  public long ramBytes() {
    return ram.bytes();
  }

  public Backing backing() {
    return backing;
  }

  /** The same options as arguments for another process; fixes a random seed. */
  public List<String> toArguments() {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--vm=" + kind,
                "--ram=" + ram.bytes(),
                "--backing=" + backing,
                "--vcpus=" + vcpus(),
                "--workload=" + workload(),
                "--zero-fraction=" + zeroFraction,
                "--common-fraction=" + commonFraction,
                "--ops=" + ops,
                "--write-fraction=" + writeFraction,
                "--pace=" + pace,
                "--seed=" + seed()));
    if (workingSet != null) {
      arguments.add("--working-set=" + workingSet.bytes());
    }
    return arguments;
  }

  /** The number of vCPUs, not checked. */
  public int vcpus() {
    return vcpus != null ? vcpus : kind == VmKind.QEMU ? 1 : 2;
  }

  private Workload workload() {
    return workload != null ? workload : kind == VmKind.QEMU ? Workload.UNIFORM : Workload.ZIPF;
  }

  private long seed() {
    if (seed == null) {
      seed = ThreadLocalRandom.current().nextLong(1L << 31);
    }
    return seed;
  }
}
