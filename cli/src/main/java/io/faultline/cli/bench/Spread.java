package io.faultline.cli.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;

/**
 * What several runs came to.
 *
 * @param count of runs, at least 1
 */
record Spread(double median, double min, double max, int count) {

  /**
   * Of values in any order; the median of an even number is the mean of the middle two.
   *
   * @throws IllegalArgumentException where there are none
   */
  static Spread of(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return new Spread(median, sorted[0], Arrays.stream(sorted).max().orElseThrow(), sorted.length);
  }

  /** {@code 52.1 (48.0 to 60.3)}; of a single run the value alone. */
  String format(int decimals) {
    String number = "%,." + decimals + "f";
    return count == 1
        ? String.format(Locale.ROOT, number, median)
        : String.format(
            Locale.ROOT, number + " (" + number + " to " + number + ")", median, min, max);
  }
}
