package io.faultline.proto;

import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import java.util.zip.CRC32C;

/**
 * The checksum of a header that is not one of the two hot kinds: CRC-32C of the message, in a field
 * of the message that is written last.
 *
 * <pre>
 *  +--------------------------+-----------+----------------------+
 *  | Frame, all other fields  | fd 01     | CRC-32C of what is   |
 *  |                          | (its tag) | before, little endian|
 *  +--------------------------+-----------+----------------------+
 * </pre>
 *
 * <p>It is checked where it is there. Damage that hides it has hit its tag, and the rest is whole.
 */
final class HeaderChecksum {
  /** With its tag. */
  static final int BYTES = 6;

  private static final int FIXED32 = 5;
  private static final int TAG = (Frame.CHECKSUM_FIELD_NUMBER << 3) | FIXED32;

  /** The two bytes of the tag's varint, as a little endian number. */
  private static final int TAG_BYTES = (TAG & 0x7f) | 0x80 | ((TAG >>> 7) << 8);

  private HeaderChecksum() {}

  /** Appends the checksum of all bytes from an index on. */
  static void append(ByteBuf out, int from) {
    int sum = of(out, from, out.writerIndex());
    out.writeShortLE(TAG_BYTES).writeIntLE(sum);
  }

  /** Checks a header, whose checksum is that of all its bytes before. */
  static void check(ByteBuf in, int from, int end) throws WireException {
    int tag = end - BYTES;
    if (tag < from || in.getUnsignedShortLE(tag) != TAG_BYTES) {
      return;
    }
    int told = in.getIntLE(tag + 2);
    int sum = of(in, from, tag);
    if (sum != told) {
      throw new WireException(
          "a frame was damaged on its way: its checksum is 0x"
              + Integer.toHexString(sum)
              + ", the sender's was 0x"
              + Integer.toHexString(told));
    }
  }

  private static int of(ByteBuf bytes, int from, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.nioBuffer(from, end - from));
    return (int) crc.getValue();
  }
}
