package io.faultline.cli.node;

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

/** The VM that is migrated. */
final class VmOptions {
  @Option(
      names = "--vm",
      paramLabel = "KIND",
      defaultValue = "simulated",
      description =
          "simulated (vCPUs are threads of the JVM) or kvm (those of the processor)"
              + " (default: ${DEFAULT-VALUE}).")
  private VmKind kind = VmKind.SIMULATED;

  @Option(
      names = "--ram",
      paramLabel = "SIZE",
      defaultValue = "1g",
      description = "Guest memory, such as 512m or 4g (default: ${DEFAULT-VALUE}).")
  private ByteSize ram = new ByteSize(1L << 30);

  @Option(
      names = "--backing",
      paramLabel = "KIND",
      defaultValue = "anonymous",
      description =
          "What memory is made of: anonymous, shmem, hugetlb-2m, hugetlb-1g, file:PATH"
              + " (default: ${DEFAULT-VALUE}).")
  private Backing backing = Backing.ANONYMOUS;

  @Option(
      names = "--vcpus",
      paramLabel = "N",
      defaultValue = "2",
      description = "Virtual processors (default: ${DEFAULT-VALUE}).")
  private int vcpus = 2;

  @Option(
      names = "--workload",
      paramLabel = "NAME",
      defaultValue = "zipf",
      description =
          "What the guest does: sequential, uniform, zipf, pointer-chase"
              + " (default: ${DEFAULT-VALUE}).")
  private Workload workload = Workload.ZIPF;

  @Option(
      names = "--working-set",
      paramLabel = "SIZE",
      description =
          "How much of its memory the guest uses; for all of it, as --ram (default: a quarter).")
  private @Nullable ByteSize workingSet;

  @Option(
      names = "--zero-fraction",
      paramLabel = "F",
      defaultValue = "0",
      description = "How much of the memory is zero at first, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double zeroFraction;

  @Option(
      names = "--common-fraction",
      paramLabel = "F",
      defaultValue = "0",
      description =
          "How many words of the other pages are common ones at first, so that they can be"
              + " compressed, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double commonFraction;

  @Option(
      names = "--ops",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Operations after which each vCPU stops, wherever it is then; 0: some time after the"
              + " migration (default: ${DEFAULT-VALUE}).")
  private long ops;

  @Option(
      names = "--write-fraction",
      paramLabel = "F",
      defaultValue = "1",
      description = "Which part of the operations also writes, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double writeFraction = 1;

  @Option(
      names = "--pace",
      paramLabel = "OPS",
      defaultValue = "0",
      description =
          "Operations per second of each vCPU; 0: as many as it can (default: ${DEFAULT-VALUE}).")
  private long pace;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of memory contents and guest programs (default: random, printed).")
  private @Nullable Long seed;

  /**
   * The VM's configuration.
   *
   * @param copies how many VMs of this size this machine has to hold at a time
   * @throws UsageException where it cannot work, or does not fit
   */
  SimulatedVmConfig config(Kernel kernel, int copies) {
    SimulatedVmConfig config = config(kernel);
    MemoryCheck.require(kernel, ram.bytes(), backing, copies);
    return config;
  }

  /**
   * The VM's configuration, whether or not it fits this machine's memory.
   *
   * @throws UsageException where it cannot work
   * @throws UnsupportedOperationException where a VM of its kind cannot run on this machine
   */
  SimulatedVmConfig config(Kernel kernel) {
    SimulatedVmConfig config;
    try {
      config =
          SimulatedVmConfig.of(ram.bytes(), backing, vcpus, workload, seed())
              .withZeroFraction(zeroFraction)
              .withCommonFraction(commonFraction)
              .withOpsPerVcpu(ops)
              .withWriteFraction(writeFraction)
              .withPace(pace);
      config =
          workingSet == null
              ? config.withUsualWorkingSet(kernel)
              : config.withWorkingSetBytes(workingSet.bytes());
      VmFactory.require(kind, kernel, config);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
    return config;
  }

  VmKind kind() {
    return kind;
  }

  long ramBytes() {
    return ram.bytes();
  }

  /** What memory is made of. */
  Backing backing() {
    return backing;
  }

  /** The same options as arguments for another process; the seed is fixed from here on. */
  List<String> toArguments() {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--vm=" + kind,
                "--ram=" + ram.bytes(),
                "--backing=" + backing,
                "--vcpus=" + vcpus,
                "--workload=" + workload,
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

  private long seed() {
    if (seed == null) {
      seed = ThreadLocalRandom.current().nextLong(1L << 31);
    }
    return seed;
  }
}
