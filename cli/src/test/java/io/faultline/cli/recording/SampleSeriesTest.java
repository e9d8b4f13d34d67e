package io.faultline.cli.recording;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SampleSeriesTest {
  @Test
  void everySampleIsKeptUntilItIsFull() {
    assertThat(filled(6, 6).nanos()).containsExactly(0, 10, 20, 30, 40, 50);
  }

  @Test
  void fullSeriesKeepsEverySecondSampleFromThenOn() {
    assertThat(filled(6, 7).nanos()).containsExactly(0, 20, 40, 60);
    assertThat(filled(6, 8).nanos()).containsExactly(0, 20, 40, 60);
    assertThat(filled(6, 9).nanos()).containsExactly(0, 20, 40, 60, 80);
  }

  @Test
  void longSeriesIsEvenlySpacedAndBounded() {
    Samples samples = filled(200, 100_001);
    assertThat(samples.size()).isBetween(100, 200);
    long step = samples.nanos()[1];
    assertThat(samples.nanos())
        .containsExactly(LongStream.range(0, samples.size()).map(i -> i * step).toArray());
    assertThat(samples.bytesSent()[7]).isEqualTo(samples.nanos()[7] + 1);
    assertThat(samples.remainingBytes()[7]).isEqualTo(samples.nanos()[7] + 2);
    assertThat(samples.nanos()[samples.size() - 1] + step).isGreaterThan(1_000_000);
  }

  private static Samples filled(int capacity, int samples) {
    SampleSeries series = new SampleSeries(capacity);
    for (long i = 0; i < samples; i++) {
      series.add(10 * i, 10 * i + 1, 10 * i + 2);
    }
    return series.samples();
  }
}
