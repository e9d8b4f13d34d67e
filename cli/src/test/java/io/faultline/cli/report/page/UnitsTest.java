package io.faultline.cli.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 ns",
    "999, 999 ns",
    "1500, 1.50 \u00b5s",
    "2310000, 2.31 ms",
    "23100000, 23.1 ms",
    "231000000, 231 ms",
    "13200000000, 13.2 s",
    "-1500000, -1.50 ms"
  })
  void timesHaveThreeDigits(double nanos, String text) {
    assertThat(Units.nanos(nanos)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0, 0 B", "512, 512 B", "4096, 4 KiB", "1073741824, 1 GiB", "1610612736, 1.50 GiB"})
  void bytesAreBinary(double bytes, String text) {
    assertThat(Units.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"10, 10, 1", "11, 10, 2", "25, 10, 5", "60, 10, 10", "13000000000, 10, 2000000000"})
  void stepsAreRound(long length, int most, long step) {
    assertThat(Units.niceStep(length, most)).isEqualTo(step);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 4", "700, 800", "900, 1024", "1500, 2048", "3000000, 4194304"})
  void axesEndAtRoundBytes(double bytes, double end) {
    assertThat(Units.niceBytes(bytes)).isEqualTo(end);
  }
}
