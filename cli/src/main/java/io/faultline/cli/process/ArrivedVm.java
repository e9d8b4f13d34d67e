package io.faultline.cli.process;

import io.faultline.cli.report.VmResult;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmOutcome;
import io.faultline.uffd.Kernel;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** A VM with all of its memory: its last part is to run to its end, and to be verified. */
public final class ArrivedVm {
  private ArrivedVm() {}

  /** Awaits the end of the VM, which runs on if it has no number of operations. */
  public static void awaitEnd(HostedVm vm, Duration runOn, Consumer<String> remarks)
      throws InterruptedException {
    if (vm.programs().opsPerVcpu() > 0) {
      VmEnd.await(vm, remarks);
    } else {
      Thread.sleep(runOn);
    }
  }

  /**
   * Awaits the end of the VM, frees its memory, compares it with a run that was never moved, and
   * adds what the VM observed and whether it is right.
   *
   * @param faults at the end of the migration, which does not cause later waits
   * @param runOn how long a VM without a number of operations runs
   * @param beforeClosing runs when the VM has ended
   */
  public static void verify(
      Kernel kernel,
      HostedVm vm,
      List<VcpuFaults> faults,
      Duration runOn,
      Consumer<String> remarks,
      Runnable beforeClosing,
      ObjectNode result)
      throws InterruptedException {
    awaitEnd(vm, runOn, remarks);
    if (vm.programs().opsPerVcpu() == 0) {
      vm.stopBetweenOperations();
    }
    VmResult.add(result, vm, faults);
    VmOutcome outcome = vm.outcome();
    beforeClosing.run();
    vm.close();
    remarks.accept("verifying against a run without migration ...");
    VmResult.addVerified(result, outcome.findProblem(kernel), outcome.operations());
  }
}
