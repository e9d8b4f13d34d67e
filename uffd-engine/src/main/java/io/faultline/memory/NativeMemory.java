package io.faultline.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * Plain loads and stores at data addresses, for pages that are known to be present. Addresses are
 * not checked: a wrong one crashes the process.
 */
final class NativeMemory {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private NativeMemory() {}

  static long load(long dataAddress) {
    return ALL.get(JAVA_LONG, dataAddress);
  }

  static void store(long dataAddress, long value) {
    ALL.set(JAVA_LONG, dataAddress, value);
  }

  /** Whether {@code lengthBytes} bytes are equal at both addresses. */
  static boolean equal(long dataAddress, long other, long lengthBytes) {
    return MemorySegment.mismatch(
            ALL, dataAddress, dataAddress + lengthBytes, ALL, other, other + lengthBytes)
        < 0;
  }
}
