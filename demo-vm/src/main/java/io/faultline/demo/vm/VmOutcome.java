package io.faultline.demo.vm;

import io.faultline.demo.simulated.MemoryDigest;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuDigest;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The result of a VM.
 *
 * @param programs the configuration of its guest programs
 * @param operations done, by vCPU
 * @param memory digest of RAM
 * @param vcpus digest of the registers
 * @param problems that are obvious without a reference run, human-readable
 * @param lost base pages of RAM that the digest excludes, because they never arrived
 */
public record VmOutcome(
    SimulatedVmConfig programs,
    List<Long> operations,
    MemoryDigest memory,
    VcpuDigest vcpus,
    List<String> problems,
    PageBitmap lost) {

  private static final PageBitmap NONE = new PageBitmap(0);

  static VmOutcome of(HostedVm vm, MemoryDigest memory, VcpuDigest vcpus, List<String> problems) {
    List<Long> operations = Arrays.stream(vm.opsDone()).boxed().toList();
    return new VmOutcome(vm.programs(), operations, memory, vcpus, problems, NONE);
  }

  VmOutcome without(PageBitmap pages) {
    return new VmOutcome(programs, operations, memory, vcpus, problems, pages);
  }

  /**
   * Verifies the result, and returns what is wrong with it, if anything. Runs the programs again
   * without a VM, which needs as much memory as the VM.
   */
  public Optional<String> findProblem(Kernel kernel) {
    if (!problems.isEmpty()) {
      return Optional.of(String.join("; ", problems));
    }
    long[] each = operations.stream().mapToLong(Long::longValue).toArray();
    ReferenceRun reference =
        lost.pageCount() == 0
            ? ReferenceRun.run(kernel, programs, each)
            : ReferenceRun.run(kernel, programs, each, lost);
    if (reference.memory().equals(memory) && reference.vcpus().equals(vcpus)) {
      return Optional.empty();
    }
    return Optional.of("the VM's memory or registers differ from those of a run without migration");
  }
}
