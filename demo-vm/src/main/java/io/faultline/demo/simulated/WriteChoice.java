package io.faultline.demo.simulated;

/**
 * Which operations write what they read anew. The accumulator decides, which every value read has
 * gone into: so the choice is the same in each run, looks random, and goes astray with wrong data.
 *
 * @param threshold writes where 53 bits that the accumulator is mixed to are below; 0 for never
 */
record WriteChoice(long threshold) {
  private static final int BITS = 53;

  /** Each operation writes. */
  static final WriteChoice ALWAYS = of(1);

  /** About this part of the operations writes, 0 to 1; the ends are exact. */
  static WriteChoice of(double fraction) {
    return new WriteChoice((long) (fraction * (1L << BITS)));
  }

  /** Whether the operation writes that left this in the accumulator. */
  boolean writes(long accumulator) {
    // The constant sets it apart from where PointerChase goes, which mixes the accumulator too.
    return threshold == 1L << BITS
        || SplitMix64.mix(accumulator + SplitMix64.GOLDEN) >>> (Long.SIZE - BITS) < threshold;
  }
}
