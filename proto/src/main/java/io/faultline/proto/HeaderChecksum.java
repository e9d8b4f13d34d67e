package io.faultline.proto;

import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import java.util.zip.CRC32C;

/**
 * The checksum of every header but the two hot kinds: CRC-32C of the message, in a field of the
 * message that is written last.
 *
 * <pre>
 *  +--------------------------+-----------+----------------------+
 *  | Frame, all other fields  | fd 01     | CRC-32C of the bytes |
 *  |                          | (its tag) | before, little endian|
 *  +--------------------------+-----------+----------------------+
 * </pre>
 *
 * <p>Each header has it. It is required once the hello is accepted: a request or a run of pages
 * with one wrong bit can be another kind of frame, such as COMPLETED, but not one with a checksum.
 * Before that a header without it passes, so that a peer of another version learns that.
 */
final class HeaderChecksum {
  /** The size of the field, tag included. */
  static final int BYTES = 6;

  private static final int FIXED32 = 5;
  private static final int TAG = (Frame.CHECKSUM_FIELD_NUMBER << 3) | FIXED32;

  /** The two bytes of the tag's varint, as a little endian number. */
  private static final int TAG_BYTES = (TAG & 0x7f) | 0x80 | ((TAG >>> 7) << 8);

  private HeaderChecksum() {}

  /** Appends the checksum of all bytes from index {@code from} on. */
  static void append(ByteBuf out, int from) {
    int sum = of(out, from, out.writerIndex());
    out.writeShortLE(TAG_BYTES).writeIntLE(sum);
  }

  /**
   * Checks a header against the checksum at its end.
   *
   * @param required whether it must have one
   */
  static void check(ByteBuf in, int from, int end, boolean required) throws WireException {
    int tag = end - BYTES;
    if (tag < from || in.getUnsignedShortLE(tag) != TAG_BYTES) {
      if (required) {
        throw new WireException("a frame was damaged in transit: it has no checksum");
      }
      return;
    }
    int expected = in.getIntLE(tag + 2);
    int sum = of(in, from, tag);
    if (sum != expected) {
      throw new WireException(
          "a frame was damaged in transit: its checksum is 0x"
              + Integer.toHexString(sum)
              + ", the sender's was 0x"
              + Integer.toHexString(expected));
    }
  }

  private static int of(ByteBuf bytes, int from, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.nioBuffer(from, end - from));
    return (int) crc.getValue();
  }
}
