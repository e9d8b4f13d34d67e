package io.faultline.demo.simulated;

/** All pages of the slice alike. */
record UniformAddresses(VcpuSlice slice) implements AddressSequence {
  @Override
  public long next(Registers registers) {
    long page = SplitMix64.below(registers.nextRandom(), slice.pages());
    return slice.startBytes()
        + page * slice.pageBytes()
        + AddressSequence.wordInPage(registers, slice.pageBytes());
  }
}
