package io.faultline.demo.simulated;

/** Few pages often, many rarely; the popular pages are scattered over the slice. */
final class ZipfAddresses implements AddressSequence {
  private final VcpuSlice slice;
  private final ZipfRanks ranks;
  private final long stride;

  ZipfAddresses(VcpuSlice slice) {
    this.slice = slice;
    this.ranks = new ZipfRanks(slice.pages());
    this.stride = coprimeNearGoldenSection(slice.pages());
  }

  @Override
  public long next(Registers registers) {
    long rank = ranks.sample(registers.nextRandom(), registers.nextRandom());
    long page = rank * stride % slice.pages();
    return slice.startBytes()
        + page * slice.pageBytes()
        + AddressSequence.wordInPage(registers, slice.pageBytes());
  }

  ZipfRanks ranks() {
    return ranks;
  }

  long stride() {
    return stride;
  }

  /** A stride that reaches every page once, and places consecutive ranks far apart. */
  private static long coprimeNearGoldenSection(long pages) {
    long stride = Math.max(1, SplitMix64.below(SplitMix64.GOLDEN, pages));
    while (gcd(stride, pages) != 1) {
      stride++;
    }
    return stride;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
