package io.faultline.demo.simulated;

import java.util.Arrays;

/**
 * Draws ranks 0 to n - 1 with probabilities in proportion to 1 / (rank + 1).
 *
 * <p>Walker's alias method over bins. The first {@value #EXACT} ranks have a bin each. Every later
 * bin has 1/{@value #EXACT} of the number of ranks before it; its ranks are equally likely, which
 * is an error of less than 1 %. A draw costs two look-ups and needs no transcendental function,
 * whose last bit might differ between machines.
 */
final class ZipfRanks {
  private static final int EXACT = 128;

  private final long[] firstRank;
  private final double[] threshold;
  private final int[] alias;
  private final int bins;

  /**
   * @param ranks number of ranks, 1 to 2^31
   */
  ZipfRanks(long ranks) {
    if (ranks < 1 || ranks > 1L << 31) {
      throw new IllegalArgumentException(ranks + " ranks");
    }
    firstRank = binStarts(ranks);
    bins = firstRank.length - 1;
    threshold = scaledWeights();
    alias = new int[bins];
    buildAliases();
  }

  /** Draws a rank from two random values. */
  long sample(long binRandom, long rankRandom) {
    int bin = (int) SplitMix64.below(binRandom, bins);
    // The low bits of the product are the fraction, independent of the bin.
    double fraction = ((binRandom * bins) >>> 11) * 0x1.0p-53;
    int chosen = fraction < threshold[bin] ? bin : alias[bin];
    long first = firstRank[chosen];
    return first + SplitMix64.below(rankRandom, firstRank[chosen + 1] - first);
  }

  int bins() {
    return bins;
  }

  /** The first rank of a bin; for the number {@link #bins}, the number of ranks. */
  long firstRank(int bin) {
    return firstRank[bin];
  }

  double threshold(int bin) {
    return threshold[bin];
  }

  int alias(int bin) {
    return alias[bin];
  }

  private static long[] binStarts(long ranks) {
    long[] starts = new long[64];
    int count = 0;
    for (long at = 0; at < ranks; at += Math.max(1, at / EXACT)) {
      if (count + 1 == starts.length) {
        starts = Arrays.copyOf(starts, 2 * starts.length);
      }
      starts[count++] = at;
    }
    starts[count++] = ranks;
    return Arrays.copyOf(starts, count);
  }

  /** The weights of the bins, scaled so that their mean is 1. */
  private double[] scaledWeights() {
    double[] weights = new double[bins];
    double sum = 0;
    for (int bin = 0; bin < bins; bin++) {
      for (long rank = firstRank[bin]; rank < firstRank[bin + 1]; rank++) {
        weights[bin] += 1.0 / (rank + 1);
      }
      sum += weights[bin];
    }
    for (int bin = 0; bin < bins; bin++) {
      weights[bin] *= bins / sum;
    }
    return weights;
  }

  /** Vose's construction: each bin lighter than 1 is topped up from one that is heavier. */
  private void buildAliases() {
    int[] light = new int[bins];
    int[] heavy = new int[bins];
    int lights = 0;
    int heavies = 0;
    for (int bin = 0; bin < bins; bin++) {
      alias[bin] = bin;
      if (threshold[bin] < 1) {
        light[lights++] = bin;
      } else {
        heavy[heavies++] = bin;
      }
    }
    while (lights > 0 && heavies > 0) {
      int small = light[--lights];
      int large = heavy[heavies - 1];
      alias[small] = large;
      threshold[large] -= 1 - threshold[small];
      if (threshold[large] < 1) {
        heavies--;
        light[lights++] = large;
      }
    }
    // The remaining bins weigh 1, except for rounding errors; they are their own aliases.
  }
}
