package io.faultline.demo.simulated;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Kernel;

/** The RAM of a configuration and the programs in it, for machines that run them by themselves. */
public final class GuestMemory {
  private final SimulatedVmConfig config;
  private final RamLayout layout;

  /**
   * @throws IllegalArgumentException where the configuration cannot work, with the remedy
   */
  public GuestMemory(Kernel kernel, SimulatedVmConfig config) {
    this.config = config;
    this.layout = RamLayout.of(config, kernel);
  }

  /** Gives RAM its first contents. No page of it may be registered for faults. */
  public void fill(MemoryRegion ram) {
    new RamFill(config, layout).fill(ram);
  }

  /** What the first contents come from, for machines that fill their RAM by themselves. */
  public long fillKey() {
    return RamFill.key(config);
  }

  /** The program of a vCPU. */
  public VcpuProgram program(int vcpu) {
    return VcpuProgram.of(config, vcpu, layout.slice(vcpu));
  }
}
