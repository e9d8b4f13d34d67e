package io.faultline.cli.node;

import io.faultline.demo.vm.HostedVm;
import io.faultline.uffd.Kernel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** A VM that goes on at the source, and shows it. */
final class SurvivingVm {
  private static final Duration PROOF_OF_LIFE = Duration.ofMillis(500);

  /** A VM that was told how many operations to do does them, however long that takes. */
  private static final Duration UNTIL_DONE = Duration.ofDays(365);

  private SurvivingVm() {}

  /**
   * Lets it run to its end, and verifies that; or for half a second where it has none.
   *
   * @param remarks gets a line on what it did
   */
  static void await(Kernel kernel, HostedVm vm, ObjectNode result, Consumer<String> remarks)
      throws InterruptedException {
    long[] before = vm.opsDone();
    boolean limited = vm.programs().opsPerVcpu() > 0;
    boolean finished = vm.awaitFinished(limited ? UNTIL_DONE : PROOF_OF_LIFE);
    long more = Arrays.stream(vm.opsDone()).sum() - Arrays.stream(before).sum();
    result.put("operations_after_failure", more);
    if (finished) {
      Optional<String> problem = vm.outcome().findProblem(kernel);
      result.put("verified", problem.isEmpty());
      remarks.accept(
          "the VM finished here, " + problem.map("NOT VERIFIED: "::concat).orElse("verified"));
    } else {
      remarks.accept(String.format(Locale.ROOT, "it did %,d operations since", more));
    }
  }
}
