package io.faultline.demo.kvm;

import io.faultline.demo.simulated.SimulatedVmConfig;

/**
 * The configuration of a KVM VM and its guest programs. The programs are those of the simulated VM:
 * equal configurations compute equal results in both.
 *
 * @param programs RAM, backing, vCPUs, workload and the rest; without a pace, since the guest
 *     cannot sleep
 * @param tickShift vCPU 0 writes a line to the console every 2^tickShift operations, 0 to 63; 64
 *     for never
 */
public record KvmVmConfig(SimulatedVmConfig programs, int tickShift) {
  /** The maximum number of vCPUs. */
  public static final int MAX_VCPUS = 64;

  /** The value of {@code tickShift} for a silent console. */
  public static final int NO_TICKS = 64;

  /** A few lines per second. */
  private static final int DEFAULT_TICK_SHIFT = 20;

  /** The guest's page tables have one level-4 entry (512 GiB), and RAM starts at 4 GiB. */
  private static final long MAX_RAM_BYTES = 508L << 30;

  /**
   * @throws IllegalArgumentException if the configuration is impossible, with the remedy
   */
  public KvmVmConfig {
    if (programs.vcpus() > MAX_VCPUS) {
      throw new IllegalArgumentException(
          programs.vcpus() + " KVM vCPUs; choose at most " + MAX_VCPUS);
    }
    if (programs.ramBytes() > MAX_RAM_BYTES) {
      throw new IllegalArgumentException(
          "RAM of "
              + programs.ramBytes()
              + " bytes; choose at most "
              + MAX_RAM_BYTES
              + " for a KVM VM");
    }
    if (programs.pace() != 0) {
      throw new IllegalArgumentException(
          "a pace of "
              + programs.pace()
              + " operations/s; KVM guests always run at full speed: omit --pace");
    }
    if (tickShift < 0 || tickShift > NO_TICKS) {
      throw new IllegalArgumentException(
          "a tick shift of " + tickShift + "; choose between 0 and 64");
    }
  }

  /** With a console that shows a few lines per second. */
  public static KvmVmConfig of(SimulatedVmConfig programs) {
    return new KvmVmConfig(programs, DEFAULT_TICK_SHIFT);
  }

  public KvmVmConfig withTickShift(int shift) {
    return new KvmVmConfig(programs, shift);
  }

  /** The number of the last line on the console after so many operations of vCPU 0. */
  public long ticks(long operations) {
    return tickShift == NO_TICKS ? 0 : operations >> tickShift;
  }
}
