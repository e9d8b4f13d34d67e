package io.faultline.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void everyCaseRunsOnceBeforeAnyRunsAgainAndTheOrderTurnsRound() {
    assertThat(Schedule.of(List.of("a", "b", "c"), 3))
        .extracting(turn -> turn.round() + turn.item())
        .containsExactly("0a", "0b", "0c", "1c", "1b", "1a", "2a", "2b", "2c");
  }

  @Test
  void oneRoundIsTheListItself() {
    assertThat(Schedule.of(List.of(3, 1, 2), 1))
        .extracting(Schedule.Turn::item)
        .containsExactly(3, 1, 2);
  }

  @Test
  void othersRunBesideTheirCounterparts() {
    assertThat(
            Cases.interleaved(
                List.of(row("fault-idle"), row("bulk"), row("bulk-2m")),
                List.of(
                    beside("floor-fault-idle", "fault-idle"),
                    beside("floor-bulk", "bulk"),
                    beside("floor-raw", "bulk"))))
        .extracting(BenchCase::name)
        .containsExactly(
            "fault-idle", "floor-fault-idle", "bulk", "floor-bulk", "floor-raw", "bulk-2m");
  }

  private static BenchCase row(String name) {
    return beside(name, name);
  }

  private static BenchCase beside(String name, String counterpart) {
    return new ReportsTest.Row(name, Figure.BULK, name, counterpart);
  }
}
