package io.faultline.proto;

import io.netty.buffer.ByteBuf;

/** Base-128 varints, as in Protocol Buffers. */
final class Varint {
  private static final int MAX_BYTES = 10;

  private Varint() {}

  static void write(ByteBuf out, long value) {
    long left = value;
    while ((left & ~0x7fL) != 0) {
      out.writeByte(((int) left & 0x7f) | 0x80);
      left >>>= 7;
    }
    out.writeByte((int) left);
  }

  /** The encoded size of a value in bytes. */
  static int size(long value) {
    int significant = Long.SIZE - Long.numberOfLeadingZeros(value | 1);
    return (significant + 6) / 7;
  }

  /** Reads a varint that ends before {@code end}. */
  static long read(ByteBuf in, int end) throws WireException {
    long value = 0;
    for (int i = 0; i < MAX_BYTES && in.readerIndex() < end; i++) {
      byte next = in.readByte();
      value |= (next & 0x7fL) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw new WireException("an unterminated varint in the header of a frame");
  }
}
