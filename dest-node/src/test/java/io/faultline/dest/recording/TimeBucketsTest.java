package io.faultline.dest.recording;

import static io.faultline.dest.recording.TimeBuckets.COUNT;
import static io.faultline.dest.recording.TimeBuckets.FIRST_WIDTH_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TimeBucketsTest {
  private static final long START = 1_000_000_000_000L;

  private final TimeBuckets buckets = new TimeBuckets();

  @Test
  void amountsOfOneBucketAreSummed() {
    buckets.add(START, 3);
    buckets.add(START + FIRST_WIDTH_NANOS - 1, 4);
    buckets.add(START + FIRST_WIDTH_NANOS, 5);
    TimeBuckets.Series series = buckets.series();
    assertThat(series.sums()).containsExactly(7, 5);
    assertThat(series.originNanos()).isEqualTo(START);
    assertThat(series.widthNanos()).isEqualTo(FIRST_WIDTH_NANOS);
  }

  @Test
  void aLongTimeDoublesTheWidthAndKeepsEverySum() {
    SplittableRandom random = new SplittableRandom(7);
    long total = 0;
    long now = START;
    for (int i = 0; i < 100_000; i++) {
      now += random.nextLong(1_000_000);
      long amount = random.nextLong(10);
      buckets.add(now, amount);
      total += amount;
    }
    TimeBuckets.Series series = buckets.series();
    assertThat(LongStream.of(series.sums()).sum()).isEqualTo(total);
    assertThat(series.sums().length).isBetween(COUNT / 2, COUNT);
    long covered = series.widthNanos() * series.sums().length;
    assertThat(covered)
        .isBetween(now - START - series.widthNanos(), now - START + series.widthNanos());
  }

  @Test
  void amountStaysInTheBucketOfItsTimeAfterTheWidthDoubled() {
    long late = START + 10 * FIRST_WIDTH_NANOS;
    buckets.add(START, 0);
    buckets.add(late, 1);
    buckets.add(START + COUNT * FIRST_WIDTH_NANOS, 1);
    TimeBuckets.Series series = buckets.series();
    assertThat(series.widthNanos()).isEqualTo(2 * FIRST_WIDTH_NANOS);
    assertThat(series.sums()[5]).isEqualTo(1);
  }

  @Test
  void periodIsSharedByTheBucketsThatItLiesIn() {
    buckets.add(START, 0);
    buckets.addPeriod(START + FIRST_WIDTH_NANOS / 2, START + 2 * FIRST_WIDTH_NANOS + 10);
    assertThat(buckets.series().sums())
        .containsExactly(FIRST_WIDTH_NANOS / 2, FIRST_WIDTH_NANOS, 10);
  }

  @Test
  void periodThatDoublesTheWidthKeepsItsLength() {
    buckets.add(START, 0);
    long end = START + 3 * COUNT * FIRST_WIDTH_NANOS + 17;
    buckets.addPeriod(START + 1, end);
    assertThat(LongStream.of(buckets.series().sums()).sum()).isEqualTo(end - START - 1);
  }

  @Test
  void nothingAddedIsEmpty() {
    assertThat(buckets.series().sums()).isEmpty();
  }

  @Test
  void timeBeforeTheFirstOneCountsAsTheFirst() {
    buckets.add(START, 1);
    buckets.add(START - 1_000_000, 1);
    assertThat(buckets.series().sums()).containsExactly(2);
  }
}
