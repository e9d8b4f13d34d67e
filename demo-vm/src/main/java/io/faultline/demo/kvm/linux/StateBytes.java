package io.faultline.demo.kvm.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Accesses fields of structures that are kept as bytes, in the byte order of x86. */
final class StateBytes {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private StateBytes() {}

  static long getLong(byte[] bytes, int offset) {
    return MemorySegment.ofArray(bytes).get(LONG, offset);
  }

  static void setLong(byte[] bytes, int offset, long value) {
    MemorySegment.ofArray(bytes).set(LONG, offset, value);
  }

  static int getInt(byte[] bytes, int offset) {
    return MemorySegment.ofArray(bytes).get(INT, offset);
  }

  static void setInt(byte[] bytes, int offset, int value) {
    MemorySegment.ofArray(bytes).set(INT, offset, value);
  }

  static void setShort(byte[] bytes, int offset, int value) {
    MemorySegment.ofArray(bytes).set(SHORT, offset, (short) value);
  }

  /** Checks that the bytes have the size of their structure. */
  static byte[] sized(String structure, byte[] bytes, int size) {
    if (bytes.length != size) {
      throw new IllegalArgumentException(
          structure + " has " + size + " bytes, not " + bytes.length);
    }
    return bytes;
  }
}
