package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.memory.Backing;
import io.faultline.uffd.Kernel;

/**
 * What a simulated VM is and what it computes. Equal configurations compute equal results.
 *
 * @param ramBytes size of guest memory, a positive multiple of the backing's page size
 * @param backing what guest memory is made of
 * @param vcpus 1 to {@value #MAX_VCPUS}
 * @param workload what the guest programs do
 * @param seed of the memory's first contents and of the guest programs
 * @param workingSetBytes how much of the RAM, from its start, the guest programs use; whole pages;
 *     0 for all of it
 * @param zeroFraction how much of the RAM is zero pages at first, 0 to 1
 * @param opsPerVcpu after how many operations each vCPU stops; 0 for never
 * @param writeFraction which part of the operations also writes, 0 to 1
 * @param pace the most operations that each vCPU does in a second, over time; 0 for no limit. No
 *     part of what is computed
 * @param commonFraction how many words of a page that is not zero are at first one of a few that
 *     are everywhere, 0 to 1; the others are random. So it can be compressed
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
  /** The most vCPUs: each is a thread. */
  public static final int MAX_VCPUS = 256;

  /**
   * Checks what can be told without knowing the kernel's page size; the rest is checked when the VM
   * is built.
   *
   * @throws IllegalArgumentException where it cannot work, with the remedy
   */
  public SimulatedVmConfig {
    require(ramBytes > 0, "RAM of " + ramBytes + " bytes; give a positive size");
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
    require(opsPerVcpu >= 0, opsPerVcpu + " operations for each vCPU; choose 0 (no limit) or more");
    require(
        writeFraction >= 0 && writeFraction <= 1,
        "a write fraction of " + writeFraction + "; choose between 0 and 1");
    require(pace >= 0, "a pace of " + pace + " operations/s; choose 0 (no limit) or more");
    require(
        commonFraction >= 0 && commonFraction <= 1,
        "a common fraction of " + commonFraction + "; choose between 0 and 1");
  }

  /** All of the RAM in use, random contents, each operation writes, no limits. */
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
   * With a working set as most VMs have one: a quarter of the RAM, rounded up to pages of the
   * backing; at least one page for each vCPU, at most the RAM.
   */
  public SimulatedVmConfig withUsualWorkingSet(Kernel kernel) {
    return withWorkingSetBytes(
        RamLayout.usualWorkingSetBytes(ramBytes, kernel.pageSizeBytes(backing.pageSize()), vcpus));
  }

  /**
   * Checks the rest, which depends on the kernel's page sizes.
   *
   * @throws IllegalArgumentException where it cannot work, with the remedy
   */
  public void requireFits(Kernel kernel) {
    RamLayout.check(this, kernel);
  }

  /** As {@code OutgoingVm.configuration()} sends it. */
  public ByteString toByteString() {
    return ConfigCodec.encode(this);
  }

  /**
   * Reads what {@link #toByteString} wrote.
   *
   * @throws InvalidProtocolBufferException where it is no such message
   * @throws IllegalArgumentException where it tells of a VM that cannot be
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
