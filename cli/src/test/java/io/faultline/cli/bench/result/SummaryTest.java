package io.faultline.cli.bench.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void medianDoesNotDependOnOrder() {
    assertThat(Summary.of(List.of(9.0, 1.0, 4.0))).isEqualTo(new Summary(4, 1, 9, 3));
  }

  @Test
  void medianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
    assertThat(Summary.of(List.of(8.0, 2.0, 100.0, 4.0))).isEqualTo(new Summary(6, 2, 100, 4));
  }

  @Test
  void oneOutlierDoesNotMoveTheMedian() {
    assertThat(Summary.of(List.of(1.0, 2.0, 3.0, 4.0, 1e9)).median()).isEqualTo(3);
  }

  @Test
  void emptyInputIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Summary.of(List.of()));
  }

  @Test
  void rangeIsShownForSeveralValuesOnly() {
    assertThat(new Summary(1234.56, 1000, 2000, 3).format(1))
        .isEqualTo("1,234.6 (1,000.0 to 2,000.0)");
    assertThat(new Summary(5.25, 5.25, 5.25, 1).format(2)).isEqualTo("5.25");
  }
}
