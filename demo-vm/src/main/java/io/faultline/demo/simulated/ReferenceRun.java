package io.faultline.demo.simulated;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A run of the same VM in this process without a migration: a migrated VM must equal it.
 *
 * @param memory digest of its memory at the end
 * @param vcpus digest of its registers at the end
 */
public record ReferenceRun(MemoryDigest memory, VcpuDigest vcpus) {

  /**
   * Runs a VM until each vCPU has done so many operations. Uses as much memory as the VM, and all
   * processors.
   *
   * @param opsPerVcpu operations by vCPU, as {@link SimulatedVm#opsDone} returns them
   * @throws IllegalArgumentException if there is not one number per vCPU
   */
  public static ReferenceRun run(Kernel kernel, SimulatedVmConfig config, long[] opsPerVcpu) {
    return run(kernel, config, opsPerVcpu, MemoryDigest::of);
  }

  /**
   * The same, with a digest that excludes pages.
   *
   * @param without base pages of RAM to exclude
   */
  public static ReferenceRun run(
      Kernel kernel, SimulatedVmConfig config, long[] opsPerVcpu, PageBitmap without) {
    return run(kernel, config, opsPerVcpu, ram -> MemoryDigest.of(ram, without));
  }

  private static ReferenceRun run(
      Kernel kernel,
      SimulatedVmConfig config,
      long[] opsPerVcpu,
      Function<MemoryRegion, MemoryDigest> digest) {
    if (opsPerVcpu.length != config.vcpus() || Arrays.stream(opsPerVcpu).anyMatch(n -> n < 0)) {
      throw new IllegalArgumentException(
          "operations " + Arrays.toString(opsPerVcpu) + " for " + config.vcpus() + " vCPUs");
    }
    RamLayout layout = RamLayout.of(config, kernel);
    try (MemoryRegion ram =
        MemoryRegion.map(kernel, 0, "reference", Backing.ANONYMOUS, config.ramBytes())) {
      new RamFill(config, layout).fill(ram);
      MemorySegment data = ram.guest().data();
      List<Registers> vcpus =
          IntStream.range(0, config.vcpus())
              .parallel()
              .mapToObj(n -> runVcpu(n, config, layout.slice(n), data, opsPerVcpu[n]))
              .toList();
      return new ReferenceRun(digest.apply(ram), VcpuDigest.of(vcpus));
    }
  }

  /** Whether a paused or finished VM equals this run. */
  public boolean equalTo(SimulatedVm vm) {
    return vcpus.equals(vm.vcpuDigest()) && memory.equals(vm.memoryDigest());
  }

  private static Registers runVcpu(
      int number, SimulatedVmConfig config, VcpuSlice slice, MemorySegment ram, long operations) {
    GuestProgram program = GuestProgram.of(config, slice);
    Registers registers = Registers.initial(config.seed(), number, program.addresses());
    GuestWords memory = new PlainWords(ram);
    while (registers.operations < operations) {
      registers.step(memory, program);
    }
    return registers;
  }
}
