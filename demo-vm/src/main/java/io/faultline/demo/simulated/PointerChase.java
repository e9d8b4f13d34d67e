package io.faultline.demo.simulated;

/**
 * The next address comes from the value just read. The accumulator goes in as well, since the value
 * was overwritten: without it a page of zeros would lead to the same place again and again.
 */
record PointerChase(Slice slice) implements AddressSequence {
  @Override
  public long next(Registers registers) {
    long pointer = Mix.mix(registers.value ^ registers.accumulator);
    return slice.startBytes() + Mix.below(pointer, slice.lengthBytes() / Long.BYTES) * Long.BYTES;
  }
}
