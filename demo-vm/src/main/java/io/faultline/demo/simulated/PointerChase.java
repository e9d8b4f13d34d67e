package io.faultline.demo.simulated;

/**
 * The value just read determines the next address, mixed with the accumulator. Without the
 * accumulator, every zero word would lead to the same address.
 */
record PointerChase(VcpuSlice slice) implements AddressSequence {
  @Override
  public long next(Registers registers) {
    long pointer = SplitMix64.mix(registers.value ^ registers.accumulator);
    return slice.startBytes()
        + SplitMix64.below(pointer, slice.lengthBytes() / Long.BYTES) * Long.BYTES;
  }
}
