package io.faultline.cli.report.page;

import io.faultline.dest.recording.TimeBuckets;

/**
 * Sums over time, divided among the pixels of the time axis: each bucket's sum is spread evenly
 * over the time that the bucket covers.
 */
final class Bins {
  private final TimeAxis axis;
  private final double pixels;
  private final double[] sums;

  /**
   * @param pixels the width of each bin
   */
  Bins(TimeAxis axis, double pixels) {
    this.axis = axis;
    this.pixels = pixels;
    sums = new double[(int) Math.ceil(TimeAxis.WIDTH / pixels)];
  }

  /** Adds a series, times a factor. */
  void add(TimeBuckets.Series series, double factor) {
    double binNanos = binNanos();
    for (int i = 0; i < series.sums().length; i++) {
      if (series.sums()[i] != 0) {
        double from = series.originNanos() + (double) i * series.widthNanos() - axis.startNanos();
        spread(from / binNanos, series.widthNanos() / binNanos, series.sums()[i] * factor);
      }
    }
  }

  /** Adds a period from one time to another. */
  void add(long fromNanos, long toNanos, double amount) {
    double binNanos = binNanos();
    double from = (fromNanos - axis.startNanos()) / binNanos;
    spread(from, Math.max(1e-9, (toNanos - fromNanos) / binNanos), amount);
  }

  private void spread(double from, double length, double amount) {
    int first = (int) Math.max(0, Math.floor(from));
    int last = (int) Math.min(sums.length - 1.0, Math.floor(from + length));
    for (int bin = first; bin <= last; bin++) {
      double part = Math.min(bin + 1.0, from + length) - Math.max(bin, from);
      sums[bin] += amount * Math.max(0, part) / length;
    }
  }

  int count() {
    return sums.length;
  }

  double get(int bin) {
    return sums[bin];
  }

  /** The bin of a time, the first or the last one if it lies outside. */
  int at(long nanos) {
    double bin = (nanos - axis.startNanos()) / binNanos();
    return (int) Math.clamp(bin, 0, sums.length - 1.0);
  }

  /** Where a bin starts. */
  double x(int bin) {
    return Math.min(TimeAxis.LEFT + bin * pixels, TimeAxis.LEFT + TimeAxis.WIDTH);
  }

  /** The time of each bin, in nanoseconds. */
  double binNanos() {
    return (axis.endNanos() - axis.startNanos()) * pixels / TimeAxis.WIDTH;
  }
}
