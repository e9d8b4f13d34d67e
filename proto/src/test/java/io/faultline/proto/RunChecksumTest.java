package io.faultline.proto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RunChecksumTest {
  private static final Encoding RAW = Encoding.ENCODING_RAW;
  private final RunChecksum checksum = new RunChecksum();

  /** The reference value, for any implementation. */
  @Test
  void checksumCoversHeaderAndPayload() {
    byte[] all = new byte[28 + 9];
    all[0] = 1; // region
    all[4] = 2; // first page
    all[12] = 3; // count
    all[20] = 9; // payload bytes
    System.arraycopy("123456789".getBytes(US_ASCII), 0, all, 28, 9);
    assertThat(checksum.of(1, 2, 3, RAW, ByteBuffer.wrap(all, 28, 9))).isEqualTo(bitByBit(all));
  }

  @Test
  void everyBitOfThePayloadAndEveryFieldOfTheHeaderCounts() {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("RunChecksumTest seed " + seed);
    ByteBuffer payload = ByteBuffer.allocateDirect(512);
    Random random = new Random(seed);
    for (int i = 0; i < payload.capacity(); i++) {
      payload.put(i, (byte) random.nextInt());
    }
    Set<Integer> sums = new HashSet<>();
    sums.add(checksum.of(0, 1, 2, RAW, payload.clear()));
    sums.add(checksum.of(1, 1, 2, RAW, payload.clear()));
    sums.add(checksum.of(0, 2, 2, RAW, payload.clear()));
    sums.add(checksum.of(0, 1, 3, RAW, payload.clear()));
    sums.add(checksum.of(0, 1, 2, Encoding.ENCODING_LZ4, payload.clear()));
    sums.add(checksum.of(0, 1, 2, RAW, null));
    for (int bit = 0; bit < 8 * payload.capacity(); bit++) {
      flip(payload, bit);
      sums.add(checksum.of(0, 1, 2, RAW, payload.clear()));
      flip(payload, bit);
    }
    assertThat(sums).hasSize(6 + 8 * payload.capacity());
  }

  private static void flip(ByteBuffer bytes, int bit) {
    bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ (1 << (bit % 8))));
  }

  /** CRC-32C (Castagnoli, reflected), bit by bit as in its definition. */
  private static int bitByBit(byte[] bytes) {
    int crc = -1;
    for (byte next : bytes) {
      crc ^= Byte.toUnsignedInt(next);
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
      }
    }
    return ~crc;
  }
}
