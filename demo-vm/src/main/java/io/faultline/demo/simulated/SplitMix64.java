package io.faultline.demo.simulated;

/** SplitMix64 (Steele, Lea, Flood 2014): integer arithmetic, so the same on every machine. */
final class SplitMix64 {
  /** 2^64 divided by the golden ratio, odd. */
  static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private SplitMix64() {}

  /** A bijection on 64-bit values. */
  static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }

  /** Scales a random value to the range 0 to {@code bound - 1}. */
  static long below(long random, long bound) {
    return Math.unsignedMultiplyHigh(random, bound);
  }
}
