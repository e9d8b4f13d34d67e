package io.faultline.proto;

import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The checksum of a run of pages: CRC-32C of what its header says and of its payload, as the wire
 * carries it. The header is in it, so that no page is taken for another one:
 *
 * <pre>
 *  0        4              12      16         20               28
 *  +--------+--------------+-------+----------+----------------+---------+
 *  | region | first page   | count | encoding | payload bytes  | payload |   little endian
 *  +--------+--------------+-------+----------+----------------+---------+
 * </pre>
 *
 * <p>Allocates nothing for a run. For one thread.
 */
public final class RunChecksum {
  /**
   * The longest payload that is covered; of a longer one, a page of 1 GiB in one piece, the header
   * alone is. Such a page, sent while its guest runs, would have to be copied as a whole first.
   */
  public static final int MAX_PAYLOAD_BYTES = 2 << 20;

  private static final int HEADER_BYTES = 28;

  private final CRC32C crc = new CRC32C();
  private final ByteBuffer header =
      ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * The sum of one run.
   *
   * @param payload from its position to its limit, where it is left; null for none
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
