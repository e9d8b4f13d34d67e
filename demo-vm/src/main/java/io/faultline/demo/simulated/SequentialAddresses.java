package io.faultline.demo.simulated;

/** One word of each line of 64 bytes, in order; each walk takes the next word of the lines. */
record SequentialAddresses(VcpuSlice slice) implements AddressSequence {
  private static final long LINE_BYTES = 64;

  @Override
  public long first(Registers registers) {
    return slice.startBytes();
  }

  @Override
  public long next(Registers registers) {
    long next = registers.address + LINE_BYTES;
    if (next < slice.endBytes()) {
      return next;
    }
    return slice.startBytes() + ((next + Long.BYTES) & (LINE_BYTES - 1));
  }
}
