package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.memory.Backing;
import io.faultline.uffd.Kernel;

/**
 * The configuration of a simulated VM and its guest programs. Equal configurations compute equal
 * results.
 *
 * @param ramBytes size of guest memory, a positive multiple of the backing's page size
 * @param backing of guest memory
 * @param vcpus 1 to {@value #MAX_VCPUS}
 * @param workload the memory access pattern of the guest programs
 * @param seed of the initial memory contents and of the guest programs
 * @param workingSetBytes how much of the RAM the guest programs use, from its start, in whole
 *     pages; 0 for all
 * @param zeroFraction fraction of zero pages in the initial RAM, 0 to 1
 * @param opsPerVcpu the number of operations after which each vCPU stops; 0 for never
 * @param writeFraction fraction of the operations that write, 0 to 1
 * @param pace the maximum rate of each vCPU in operations per second, averaged; 0 for no limit.
 *     Does not affect the result
 * @param commonFraction fraction of small values among the words of an initial page that is not
 *     zero, 0 to 1; the other words are random. Makes pages compressible
 */
public record SimulatedVmConfig(
    long ramBytes,
    Backing backing,
    int vcpus,
    Workload workload,
    long seed,
    long workingSetBytes,
    double zeroFraction,
    long opsPerVcpu,
    double writeFraction,
    long pace,
    double commonFraction) {
  /** The maximum number of vCPUs: each is a thread. */
  public static final int MAX_VCPUS = 256;

  /**
   * Checks what does not depend on the kernel's page sizes; for the rest see {@link #requireFits}.
   *
   * @throws IllegalArgumentException if the configuration is impossible, with the remedy
   */
  public SimulatedVmConfig {
    require(ramBytes > 0, "RAM of " + ramBytes + " bytes; choose a positive size");
    require(vcpus >= 1 && vcpus <= MAX_VCPUS, vcpus + " vCPUs; choose between 1 and " + MAX_VCPUS);
    require(
        workingSetBytes >= 0 && workingSetBytes <= ramBytes,
        "a working set of "
            + workingSetBytes
            + " bytes does not fit into RAM of "
            + ramBytes
            + " bytes; choose at most that");
    require(
        zeroFraction >= 0 && zeroFraction <= 1,
        "a zero fraction of " + zeroFraction + "; choose between 0 and 1");
    require(opsPerVcpu >= 0, opsPerVcpu + " operations per vCPU; choose 0 (no limit) or more");
    require(
        writeFraction >= 0 && writeFraction <= 1,
        "a write fraction of " + writeFraction + "; choose between 0 and 1");
    require(pace >= 0, "a pace of " + pace + " operations/s; choose 0 (no limit) or more");
    require(
        commonFraction >= 0 && commonFraction <= 1,
        "a common fraction of " + commonFraction + "; choose between 0 and 1");
  }

  /** With all RAM in the working set, random contents, every operation writing, and no limits. */
  public static SimulatedVmConfig of(
      long ramBytes, Backing backing, int vcpus, Workload workload, long seed) {
    return new SimulatedVmConfig(ramBytes, backing, vcpus, workload, seed, 0, 0, 0, 1, 0, 0);
  }

  public SimulatedVmConfig withBacking(Backing newBacking) {
    return new SimulatedVmConfig(
        ramBytes,
        newBacking,
        vcpus,
        workload,
        seed,
        workingSetBytes,
        zeroFraction,
        opsPerVcpu,
        writeFraction,
        pace,
        commonFraction);
  }

  public SimulatedVmConfig withWorkingSetBytes(long bytes) {
    return new SimulatedVmConfig(
        ramBytes,
        backing,
        vcpus,
        workload,
        seed,
        bytes,
        zeroFraction,
        opsPerVcpu,
        writeFraction,
        pace,
        commonFraction);
  }

  public SimulatedVmConfig withZeroFraction(double fraction) {
    return new SimulatedVmConfig(
        ramBytes,
        backing,
        vcpus,
        workload,
        seed,
        workingSetBytes,
        fraction,
        opsPerVcpu,
        writeFraction,
        pace,
        commonFraction);
  }

  public SimulatedVmConfig withOpsPerVcpu(long operations) {
    return new SimulatedVmConfig(
        ramBytes,
        backing,
        vcpus,
        workload,
        seed,
        workingSetBytes,
        zeroFraction,
        operations,
        writeFraction,
        pace,
        commonFraction);
  }

  public SimulatedVmConfig withWriteFraction(double fraction) {
    return new SimulatedVmConfig(
        ramBytes,
        backing,
        vcpus,
        workload,
        seed,
        workingSetBytes,
        zeroFraction,
        opsPerVcpu,
        fraction,
        pace,
        commonFraction);
  }

  public SimulatedVmConfig withPace(long opsPerSecond) {
    return new SimulatedVmConfig(
        ramBytes,
        backing,
        vcpus,
        workload,
        seed,
        workingSetBytes,
        zeroFraction,
        opsPerVcpu,
        writeFraction,
        opsPerSecond,
        commonFraction);
  }

  public SimulatedVmConfig withCommonFraction(double fraction) {
    return new SimulatedVmConfig(
        ramBytes,
        backing,
        vcpus,
        workload,
        seed,
        workingSetBytes,
        zeroFraction,
        opsPerVcpu,
        writeFraction,
        pace,
        fraction);
  }

  /**
   * With a working set that is typical of VMs: a quarter of the RAM, rounded up to pages of the
   * backing; at least one page per vCPU, at most the RAM.
   */
  public SimulatedVmConfig withUsualWorkingSet(Kernel kernel) {
    return withWorkingSetBytes(
        RamLayout.usualWorkingSetBytes(ramBytes, kernel.pageSizeBytes(backing.pageSize()), vcpus));
  }

  /**
   * Checks what depends on the kernel's page sizes.
   *
   * @throws IllegalArgumentException if the configuration is impossible, with the remedy
   */
  public void requireFits(Kernel kernel) {
    RamLayout.check(this, kernel);
  }

  /** See {@code OutgoingVm.configuration()}. */
  public ByteString toByteString() {
    return ConfigCodec.encode(this);
  }

  /**
   * Parses the result of {@link #toByteString}.
   *
   * @throws InvalidProtocolBufferException if it is not such a message
   * @throws IllegalArgumentException if it describes an impossible VM
   */
  public static SimulatedVmConfig parse(ByteString bytes) throws InvalidProtocolBufferException {
    return ConfigCodec.decode(bytes);
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalArgumentException(problem);
    }
  }
}
