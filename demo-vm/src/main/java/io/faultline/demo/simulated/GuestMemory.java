package io.faultline.demo.simulated;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Kernel;

/** The initial RAM and the programs of a configuration, for other implementations of the vCPU. */
public final class GuestMemory {
  private final SimulatedVmConfig config;
  private final RamLayout layout;

  /**
   * @throws IllegalArgumentException if the configuration is impossible, with the remedy
   */
  public GuestMemory(Kernel kernel, SimulatedVmConfig config) {
    this.config = config;
    this.layout = RamLayout.of(config, kernel);
  }

  /** Writes the initial contents of RAM. No page of it may be registered for faults. */
  public void fill(MemoryRegion ram) {
    new RamFill(config, layout).fill(ram);
  }

  /** The key of the initial contents, for machines that fill their RAM themselves. */
  public long fillKey() {
    return RamFill.key(config);
  }

  /** The program of a vCPU. */
  public VcpuProgram program(int vcpu) {
    return VcpuProgram.of(config, vcpu, layout.slice(vcpu));
  }
}
