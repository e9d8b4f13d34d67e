package io.faultline.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void medianIsTheMiddleValueWhateverTheOrder() {
    assertThat(Spread.of(List.of(9.0, 1.0, 4.0))).isEqualTo(new Spread(4, 1, 9, 3));
  }

  @Test
  void medianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
    assertThat(Spread.of(List.of(8.0, 2.0, 100.0, 4.0))).isEqualTo(new Spread(6, 2, 100, 4));
  }

  @Test
  void oneOutlierDoesNotMoveTheMedian() {
    assertThat(Spread.of(List.of(1.0, 2.0, 3.0, 4.0, 1e9)).median()).isEqualTo(3);
  }

  @Test
  void noValuesHaveNoMedian() {
    assertThatIllegalArgumentException().isThrownBy(() -> Spread.of(List.of()));
  }

  @Test
  void rangeIsToldOnlyOfSeveralRuns() {
    assertThat(new Spread(1234.56, 1000, 2000, 3).format(1))
        .isEqualTo("1,234.6 (1,000.0 to 2,000.0)");
    assertThat(new Spread(5.25, 5.25, 5.25, 1).format(2)).isEqualTo("5.25");
  }
}
