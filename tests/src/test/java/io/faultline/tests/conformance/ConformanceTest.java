package io.faultline.tests.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.conformance.CellResult;
import io.faultline.uffd.conformance.Conformance;
import io.faultline.uffd.conformance.ConformanceCase;
import io.faultline.uffd.conformance.Engine;
import io.faultline.uffd.conformance.MemoryType;
import io.faultline.uffd.conformance.Verdict;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.opentest4j.AssertionFailedError;

/**
 * One test for each cell of the conformance matrix, on both engines. {@code
 * -Dfaultline.stress.millis=N} sets how long a race is repeated.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@RunsAlone
class ConformanceTest {
  private static final Conformance.Options OPTIONS =
      new Conformance.Options(
          Long.getLong("faultline.seed", System.nanoTime()),
          Integer.getInteger("faultline.stress.millis", 500),
          "");

  private Optional<HugePageLoan> loan = Optional.empty();

  @BeforeAll
  void borrowHugePages() {
    System.out.println("conformance: seed " + OPTIONS.seed() + " (-Dfaultline.seed=)");
    if (isLinux()) {
      loan = Optional.of(Conformance.borrowHugePages(Conformance.kernel()));
    }
  }

  @AfterAll
  void returnHugePages() {
    loan.ifPresent(HugePageLoan::close);
  }

  @TestFactory
  Stream<DynamicTest> kernel() {
    assumeTrue(isLinux(), "not Linux");
    return cells(Conformance.kernel());
  }

  @TestFactory
  Stream<DynamicTest> simulatedKernel() {
    return cells(Conformance.simulated());
  }

  private static Stream<DynamicTest> cells(Engine engine) {
    return Conformance.cases().stream()
        .flatMap(
            row ->
                Arrays.stream(MemoryType.values())
                    .filter(row.memory()::contains)
                    .map(memory -> cell(engine, row, memory)));
  }

  private static DynamicTest cell(Engine engine, ConformanceCase row, MemoryType memory) {
    return dynamicTest(
        row.name() + "/" + memory.title() + ": " + row.checks(),
        () -> {
          CellResult result = Conformance.run(engine, OPTIONS, row, memory);
          assumeTrue(result.verdict() != Verdict.NOT_SUPPORTED, result.reason());
          if (result.verdict() == Verdict.FAIL) {
            throw new AssertionFailedError(result.reason() + ", seed " + OPTIONS.seed());
          }
        });
  }

  private static boolean isLinux() {
    return System.getProperty("os.name").equals("Linux");
  }
}
