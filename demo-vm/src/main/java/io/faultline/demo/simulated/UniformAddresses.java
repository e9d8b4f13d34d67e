package io.faultline.demo.simulated;

/** A random word of a random page, all pages of the slice being equally likely. */
record UniformAddresses(VcpuSlice slice) implements AddressSequence {
  @Override
  public long next(Registers registers) {
    long page = SplitMix64.below(registers.nextRandom(), slice.pages());
    return slice.startBytes()
        + page * slice.pageBytes()
        + AddressSequence.wordInPage(registers, slice.pageBytes());
  }
}
