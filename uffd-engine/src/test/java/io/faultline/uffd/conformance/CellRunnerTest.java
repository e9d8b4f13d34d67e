package io.faultline.uffd.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.RegisterMode;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CellRunnerTest {
  private final Engine engine = Conformance.simulated();

  @Test
  void caseThatReturnsPasses() {
    assertThat(run(context -> context.map(1)).verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void failedExpectationIsAFailureWithItsReason() {
    CellResult cell = run(context -> Expect.equal("bytes", 4096, 0));
    assertThat(cell.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(cell.reason()).contains("bytes: expected 4096").contains("was 0");
  }

  @Test
  void anyOtherExceptionIsAFailure() {
    CellResult cell = run(context -> context.load(8));
    assertThat(cell.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(cell.reason()).contains("EFAULT");
  }

  @Test
  void operationThatTheEngineLacksIsNotSupported() {
    CellResult cell =
        run(
            context -> {
              throw new UnsupportedOperationException("no such thing here");
            });
    assertThat(cell.verdict()).isEqualTo(Verdict.NOT_SUPPORTED);
    assertThat(cell.reason()).contains("no such thing here");
  }

  /** The thread sleeps in an unresolved fault until its userfaultfd is closed. */
  @Test
  void hangingCaseFailsAndItsThreadIsWoken() {
    Thread[] sleeper = new Thread[1];
    CellResult cell =
        run(
            context -> {
              sleeper[0] = Thread.currentThread();
              Area area = context.map(1);
              context.register(context.open(), area, RegisterMode.MISSING);
              context.load(area.address());
            });
    assertThat(cell.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(cell.reason()).contains("hangs").doesNotContain("still hangs");
    assertThat(sleeper[0].isAlive()).isFalse();
  }

  private CellResult run(ConformanceCase.Body body) {
    Set<MemoryType> memory = Set.of(MemoryType.ANONYMOUS);
    ConformanceCase row = new ConformanceCase("group", "name", "something", memory, body);
    return new CellRunner(engine, 1, 0, 300).run(row, MemoryType.ANONYMOUS);
  }
}
