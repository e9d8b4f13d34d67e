package io.faultline.demo.simulated;

/**
 * Chooses the operations that write. The choice depends on the accumulator, and so on every value
 * read: it is the same in each run, looks random, and goes wrong with wrong data.
 *
 * @param threshold an operation writes if 53 bits of the mixed accumulator are below; 0 for never
 */
record WriteChoice(long threshold) {
  private static final int BITS = 53;

  /** Every operation writes. */
  static final WriteChoice ALWAYS = of(1);

  /** This fraction of the operations writes, 0 to 1; exact for 0 and 1, else approximate. */
  static WriteChoice of(double fraction) {
    return new WriteChoice((long) (fraction * (1L << BITS)));
  }

  /** Whether an operation writes, by the accumulator that it computed. */
  boolean writes(long accumulator) {
    // The constant makes it independent of PointerChase, which mixes the accumulator too.
    return threshold == 1L << BITS
        || SplitMix64.mix(accumulator + SplitMix64.GOLDEN) >>> (Long.SIZE - BITS) < threshold;
  }
}
