package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import io.faultline.demo.kvm.KernelFaults;
import io.faultline.demo.kvm.KvmHost;
import io.faultline.uffd.Kernel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What all cases of a run share.
 *
 * @param hugePages huge pages for all cases
 * @param scratch a directory for the files of nodes
 * @param seed seed of the first round; each round adds 1
 * @param quick whether VMs run only briefly before and after the migration
 */
public record BenchEnvironment(
    Kernel kernel, WarmHugePages hugePages, Path scratch, long seed, boolean quick) {
  /**
   * Checks that VMs of KVM can run and fault here.
   *
   * @throws CannotRunException if not, with the reason
   */
  public void requireKvm() throws CannotRunException {
    try {
      KvmHost.open(kernel).close();
    } catch (UnsupportedOperationException e) {
      throw new CannotRunException(String.valueOf(e.getMessage()));
    }
    Optional<String> problem = KernelFaults.problem(kernel);
    if (problem.isPresent()) {
      throw new CannotRunException(problem.get());
    }
  }
}
