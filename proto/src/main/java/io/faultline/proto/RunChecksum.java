package io.faultline.proto;

import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The checksum of a run of pages: CRC-32C of its header's fields and of its payload as sent. It
 * covers the header so that a page cannot be mistaken for another one:
 *
 * <pre>
 *  0        4              12      16         20               28
 *  +--------+--------------+-------+----------+----------------+---------+
 *  | region | first page   | count | encoding | payload bytes  | payload |   little endian
 *  +--------+--------------+-------+----------+----------------+---------+
 * </pre>
 *
 * <p>Allocates nothing per run. Not thread-safe.
 */
public final class RunChecksum {
  /**
   * The longest payload that the checksum covers. For a longer one (a 1 GiB page in one piece) it
   * covers the header only: such a page, sent while the guest runs, would have to be copied as a
   * whole first.
   */
  public static final int MAX_PAYLOAD_BYTES = 2 << 20;

  private static final int HEADER_BYTES = 28;

  private final CRC32C crc = new CRC32C();
  private final ByteBuffer header =
      ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * The checksum of one run.
   *
   * @param payload the bytes from its position to its limit; null for none. May be left at its
   *     limit
   */
  public int of(
      int region, long firstPage, int count, Encoding encoding, @Nullable ByteBuffer payload) {
    header
        .clear()
        .putInt(region)
        .putLong(firstPage)
        .putInt(count)
        .putInt(encoding.getNumber())
        .putLong(payload == null ? 0 : payload.remaining());
    crc.reset();
    crc.update(header.array(), 0, HEADER_BYTES);
    if (payload != null && payload.remaining() <= MAX_PAYLOAD_BYTES) {
      crc.update(payload);
    }
    return (int) crc.getValue();
  }
}
