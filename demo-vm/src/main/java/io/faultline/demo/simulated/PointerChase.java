package io.faultline.demo.simulated;

/**
 * The next address comes from the value just read. The accumulator goes in as well, since the value
 * was overwritten: without it a page of zeros would lead to the same place again and again.
 */
record PointerChase(VcpuSlice slice) implements AddressSequence {
  @Override
  public long next(Registers registers) {
    long pointer = SplitMix64.mix(registers.value ^ registers.accumulator);
    return slice.startBytes()
        + SplitMix64.below(pointer, slice.lengthBytes() / Long.BYTES) * Long.BYTES;
  }
}
