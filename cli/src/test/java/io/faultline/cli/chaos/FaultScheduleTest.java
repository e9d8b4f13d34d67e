package io.faultline.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FaultScheduleTest {
  private static final long MAX_GAP_BYTES = 1 << 20;

  @Test
  void planIsParsedAsWritten() {
    ChaosPlan plan = ChaosPlan.parse("cut=5,blackhole=2,seed=7");
    assertThat(plan).isEqualTo(new ChaosPlan(5, 2, 0, 0, 7));
    assertThat(ChaosPlan.parse(plan.toString())).isEqualTo(plan);
    assertThat(ChaosPlan.parse("blackhole=1")).isEqualTo(new ChaosPlan(0, 1, 0, 0, 1));
    ChaosPlan kills = ChaosPlan.parse("kill-source=1,kill-dest=3");
    assertThat(kills).isEqualTo(new ChaosPlan(0, 0, 1, 3, 1));
    assertThat(ChaosPlan.parse(kills.toString())).isEqualTo(kills);
    assertThat(kills.faults()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"cut|not a fault", "cut=x|not a fault", "flood=1|use cut", "seed=3|at least one"})
  void invalidPlanIsRefusedWithTheReason(String text, String reason) {
    assertThatThrownBy(() -> ChaosPlan.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void sameSeedGivesTheSameFaultsAtTheSameTimes() {
    assertThat(script(new ChaosPlan(5, 2, 0, 0, 7)))
        .isEqualTo(script(new ChaosPlan(5, 2, 0, 0, 7)));
    assertThat(script(new ChaosPlan(5, 2, 0, 0, 7)))
        .isNotEqualTo(script(new ChaosPlan(5, 2, 0, 0, 8)));
  }

  @Test
  void eachFaultHappensOnceAndAfterSomeMemory() {
    FaultSchedule faults = new FaultSchedule(new ChaosPlan(3, 2, 0, 0, 1), MAX_GAP_BYTES);
    int blackholes = 0;
    for (int i = 0; i < 5; i++) {
      assertThat(faults.isDue(0)).isFalse();
      assertThat(faults.isDue(MAX_GAP_BYTES)).isTrue();
      FaultSchedule.Fault fault = faults.next();
      assertThat(fault.control() || fault.bulk()).isTrue();
      blackholes += fault.kind() == FaultSchedule.Kind.BLACKHOLE ? 1 : 0;
    }
    assertThat(blackholes).isEqualTo(2);
    assertThat(faults.isDue(100 * MAX_GAP_BYTES)).as("due after the last fault").isFalse();
    assertThat(faults.done()).isEqualTo(5);
  }

  @Test
  void eachNodeIsKilledAsOftenAsPlanned() {
    FaultSchedule faults = new FaultSchedule(new ChaosPlan(0, 0, 1, 2, 9), MAX_GAP_BYTES);
    List<String> done = new ArrayList<>();
    while (faults.isDue(MAX_GAP_BYTES)) {
      done.add(faults.next().toString());
    }
    assertThat(done)
        .containsExactlyInAnyOrder("source killed", "destination killed", "destination killed");
  }

  private static List<String> script(ChaosPlan plan) {
    FaultSchedule faults = new FaultSchedule(plan, MAX_GAP_BYTES);
    List<String> script = new ArrayList<>();
    for (int i = 0; i < plan.faults(); i++) {
      int kibibytes = 0;
      while (!faults.isDue(1024)) {
        kibibytes++;
      }
      script.add(kibibytes + " " + faults.next());
    }
    return script;
  }
}
