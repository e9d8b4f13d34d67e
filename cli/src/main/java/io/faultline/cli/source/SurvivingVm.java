package io.faultline.cli.source;

import io.faultline.cli.process.VmEnd;
import io.faultline.demo.vm.HostedVm;
import io.faultline.uffd.Kernel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** A VM that stays at the source, because its migration failed before RUN. */
final class SurvivingVm {
  /** How long a VM without an end runs, to prove that it is alive. */
  private static final Duration PROOF_OF_LIFE = Duration.ofMillis(500);

  private SurvivingVm() {}

  /**
   * Runs it to its end and verifies it; or for half a second if it has no end.
   *
   * @param remarks receives a line on what it did
   */
  static void await(Kernel kernel, HostedVm vm, ObjectNode result, Consumer<String> remarks)
      throws InterruptedException {
    long[] before = vm.opsDone();
    boolean limited = vm.programs().opsPerVcpu() > 0;
    if (limited) {
      VmEnd.await(vm, remarks);
    }
    boolean finished = limited || vm.awaitFinished(PROOF_OF_LIFE);
    long done = Arrays.stream(vm.opsDone()).sum() - Arrays.stream(before).sum();
    result.put("operations_after_failure", done);
    if (finished) {
      Optional<String> problem = vm.outcome().findProblem(kernel);
      result.put("verified", problem.isEmpty());
      remarks.accept(
          "the VM finished here, " + problem.map("NOT VERIFIED: "::concat).orElse("verified"));
    } else {
      remarks.accept(String.format(Locale.ROOT, "the VM has done %,d operations since", done));
    }
  }
}
