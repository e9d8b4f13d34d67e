package io.faultline.demo.simulated;

/** SplitMix64 (Steele, Lea, Flood 2014): integers only, so the same on every machine and JVM. */
final class SplitMix64 {
  /** 2^64 divided by the golden ratio, odd. */
  static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private SplitMix64() {}

  /** A bijection over all 64-bit values: different in, different out. */
  static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }

  /** A random value scaled down to 0 to {@code bound - 1}. */
  static long below(long random, long bound) {
    return Math.unsignedMultiplyHigh(random, bound);
  }
}
