package io.faultline.demo.simulated;

/**
 * The part of the RAM that only one vCPU uses, so that its result does not depend on when the
 * others run.
 *
 * @param startBytes offset in RAM, a multiple of {@code pageBytes}
 * @param pages number of pages, at least 1
 * @param pageBytes the size of a page of the backing, a power of two
 */
record VcpuSlice(long startBytes, long pages, long pageBytes) {
  long lengthBytes() {
    return pages * pageBytes;
  }

  long endBytes() {
    return startBytes + lengthBytes();
  }

  /** Whether an operation may access this offset. */
  boolean holdsWord(long offsetBytes) {
    return offsetBytes >= startBytes && offsetBytes < endBytes() && offsetBytes % Long.BYTES == 0;
  }
}
