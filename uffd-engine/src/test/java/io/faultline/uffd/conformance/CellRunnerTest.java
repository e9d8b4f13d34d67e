package io.faultline.uffd.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.RegisterMode;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CellRunnerTest {
  private final Rig rig = Conformance.simulated();

  @Test
  void aCaseThatReturnsPasses() {
    assertThat(run(bench -> bench.map(1)).verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void aCheckThatFailsIsAFailureWithItsReason() {
    CellResult cell = run(bench -> Check.equal("bytes", 4096, 0));
    assertThat(cell.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(cell.reason()).contains("bytes: expected 4096").contains("was 0");
  }

  @Test
  void anyOtherExceptionIsAFailure() {
    CellResult cell = run(bench -> bench.load(8));
    assertThat(cell.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(cell.reason()).contains("EFAULT");
  }

  @Test
  void whatTheEngineLacksIsNotSupported() {
    CellResult cell =
        run(
            bench -> {
              throw new UnsupportedOperationException("no such thing here");
            });
    assertThat(cell.verdict()).isEqualTo(Verdict.NOT_SUPPORTED);
    assertThat(cell.reason()).contains("no such thing here");
  }

  /** The thread sleeps in a fault that nobody resolves; closing the userfaultfd lets it go on. */
  @Test
  void aCaseThatHangsFailsAndItsThreadIsReleased() {
    Thread[] sleeper = new Thread[1];
    CellResult cell =
        run(
            bench -> {
              sleeper[0] = Thread.currentThread();
              Area area = bench.map(1);
              bench.register(bench.open(), area, RegisterMode.MISSING);
              bench.load(area.address());
            });
    assertThat(cell.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(cell.reason()).contains("hangs").doesNotContain("hangs on");
    assertThat(sleeper[0].isAlive()).isFalse();
  }

  private CellResult run(ConformanceCase.Body body) {
    Set<MemoryType> memory = Set.of(MemoryType.ANONYMOUS);
    ConformanceCase row = new ConformanceCase("group", "name", "something", memory, body);
    return new CellRunner(rig, 1, 0, 300).run(row, MemoryType.ANONYMOUS);
  }
}
