package io.faultline.demo.simulated;

/**
 * The value just read determines the next address, together with the accumulator: otherwise all
 * words of zero pages would lead to the same address.
 */
record PointerChase(VcpuSlice slice) implements AddressSequence {
  @Override
  public long next(Registers registers) {
    long pointer = SplitMix64.mix(registers.value ^ registers.accumulator);
    return slice.startBytes()
        + SplitMix64.below(pointer, slice.lengthBytes() / Long.BYTES) * Long.BYTES;
  }
}
