package io.faultline.cli.bench.result;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/**
 * Summary of the values of several runs.
 *
 * @param count number of values, at least 1
 */
public record Summary(double median, double min, double max, int count) {

  /**
   * Summarizes values in any order; the median of an even number is the mean of the middle two.
   *
   * @throws IllegalArgumentException if there are no values
   */
  static Summary of(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return new Summary(median, sorted[0], Arrays.stream(sorted).max().orElseThrow(), sorted.length);
  }

  /** {@code 52.1 (48.0 to 60.3)}; a single value without a range. */
  public String format(int decimals) {
    String number = "%,." + decimals + "f";
    return count == 1
        ? String.format(Locale.ROOT, number, median)
        : String.format(
            Locale.ROOT, number + " (" + number + " to " + number + ")", median, min, max);
  }
}
