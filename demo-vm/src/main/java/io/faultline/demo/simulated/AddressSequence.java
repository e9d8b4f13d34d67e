package io.faultline.demo.simulated;

/**
 * Where a guest program goes next: one for each workload, over the slice of one vCPU. Has no state
 * of its own; all of it is in the registers, which migrate.
 */
interface AddressSequence {
  /** The offset of the next operation. May change {@link Registers#random} only. */
  long next(Registers registers);

  /** The offset of the first operation. */
  default long first(Registers registers) {
    return next(registers);
  }

  /** The sequence of a workload. Takes a time in proportion to the slice's pages at most. */
  static AddressSequence of(Workload workload, VcpuSlice slice) {
    return switch (workload) {
      case SEQUENTIAL -> new SequentialAddresses(slice);
      case UNIFORM -> new UniformAddresses(slice);
      case ZIPF -> new ZipfAddresses(slice);
      case POINTER_CHASE -> new PointerChase(slice);
    };
  }

  /**
   * A word in a page, chosen by what the guest read last, so that wrong data soon goes astray. The
   * size of a page is a power of two.
   */
  static long wordInPage(Registers registers, long pageBytes) {
    return (registers.accumulator >>> 24) & (pageBytes - Long.BYTES);
  }
}
