package io.faultline.demo.simulated;

/**
 * The addresses that a guest program accesses in the slice of its vCPU; one implementation per
 * workload. Stateless: all state is in the registers, which migrate.
 */
interface AddressSequence {
  /** The offset of the next operation. May change only {@link Registers#random}. */
  long next(Registers registers);

  /** The offset of the first operation. */
  default long first(Registers registers) {
    return next(registers);
  }

  /** The sequence of a workload. Takes time at most proportional to the number of pages. */
  static AddressSequence of(Workload workload, VcpuSlice slice) {
    return switch (workload) {
      case SEQUENTIAL -> new SequentialAddresses(slice);
      case UNIFORM -> new UniformAddresses(slice);
      case ZIPF -> new ZipfAddresses(slice);
      case POINTER_CHASE -> new PointerChase(slice);
    };
  }

  /**
   * The offset of a word within a page, chosen by the values read before, so that wrong data soon
   * leads to other addresses. The page size is a power of two.
   */
  static long wordInPage(Registers registers, long pageBytes) {
    return (registers.accumulator >>> 24) & (pageBytes - Long.BYTES);
  }
}
