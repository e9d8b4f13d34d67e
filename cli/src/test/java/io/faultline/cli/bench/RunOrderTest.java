package io.faultline.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.cases.CaseCatalog;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.StubCase;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunOrderTest {
  @Test
  void everyRoundRunsEachCaseOnceAndReversesTheOrder() {
    assertThat(RunOrder.of(List.of("a", "b", "c"), 3))
        .extracting(turn -> turn.round() + turn.item())
        .containsExactly("0a", "0b", "0c", "1c", "1b", "1a", "2a", "2b", "2c");
  }

  @Test
  void singleRoundKeepsTheOrder() {
    assertThat(RunOrder.of(List.of(3, 1, 2), 1))
        .extracting(RunOrder.Turn::item)
        .containsExactly(3, 1, 2);
  }

  @Test
  void referenceCasesFollowTheirCounterparts() {
    assertThat(
            CaseCatalog.interleaved(
                List.of(row("fault-idle"), row("bulk"), row("bulk-2m")),
                List.of(
                    reference("floor-fault-idle", "fault-idle"),
                    reference("floor-bulk", "bulk"),
                    reference("floor-raw", "bulk"))))
        .extracting(BenchCase::name)
        .containsExactly(
            "fault-idle", "floor-fault-idle", "bulk", "floor-bulk", "floor-raw", "bulk-2m");
  }

  private static BenchCase row(String name) {
    return reference(name, name);
  }

  private static BenchCase reference(String name, String counterpart) {
    return new StubCase(name, ResultTable.BULK, name, counterpart);
  }
}
