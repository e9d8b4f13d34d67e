package io.faultline.proto.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.proto.wire.Encoding;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PageCodecTest {
  /** The bytes at the start of a payload that hold its magic number or its first token. */
  private static final int HEADER = 4;

  private static final int BYTES = 16 << 12;
  private static final int GUARD = 64;
  private final ByteBuffer pages = ByteBuffer.allocateDirect(BYTES);
  private final ByteBuffer decompressed = ByteBuffer.allocateDirect(GUARD + BYTES + GUARD);
  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @EnumSource(names = {"ENCODING_LZ4", "ENCODING_ZSTD"})
  void decompressingACompressedRunYieldsItsPages(Encoding encoding) throws Exception {
    try (PageCodec codec = codec(encoding)) {
      for (int words = 1; words <= 1 << 16; words <<= 4) {
        fill(words);
        ByteBuffer small = ByteBuffer.allocateDirect(codec.bound(BYTES));
        int length = codec.compress(pages, 0, BYTES, small);
        assertThat(length).isLessThanOrEqualTo(codec.bound(BYTES));
        codec.decompress(small, 0, length, decompressed, GUARD, BYTES);
        assertThat(decompressed.slice(GUARD, BYTES)).isEqualTo(pages);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ENCODING_LZ4", "ENCODING_ZSTD"})
  void refusesPayloadsOfAnotherLength(Encoding encoding) {
    try (PageCodec codec = codec(encoding)) {
      fill(16);
      ByteBuffer small = ByteBuffer.allocateDirect(codec.bound(BYTES));
      int length = codec.compress(pages, 0, BYTES, small);
      int half = codec.compress(pages, 0, BYTES / 2, ByteBuffer.allocateDirect(codec.bound(BYTES)));
      assertThat(half).isLessThan(length);
      refused(codec, small, length, BYTES - 4096); // longer than expected
      refused(codec, small, length - 1, BYTES); // cut short
      codec.compress(pages, 0, BYTES / 2, small);
      refused(codec, small, half, BYTES); // shorter than expected
    }
  }

  /** A damaged payload is refused, or decompresses to the expected length. */
  @ParameterizedTest
  @EnumSource(names = {"ENCODING_LZ4", "ENCODING_ZSTD"})
  void damagedPayloadsNeverWriteOutsideTheTarget(Encoding encoding) {
    try (PageCodec codec = codec(encoding)) {
      fill(16);
      ByteBuffer small = ByteBuffer.allocateDirect(codec.bound(BYTES));
      int length = codec.compress(pages, 0, BYTES, small);
      int refused = 0;
      for (int round = 0; round < 2000; round++) {
        // Every other round damages the header, which codecs always check: other damage may pass.
        int at = random.nextInt(round % 2 == 0 ? HEADER : length);
        byte before = small.get(at);
        small.put(at, (byte) random.nextInt());
        try {
          codec.decompress(small, 0, length, decompressed, GUARD, BYTES);
        } catch (DecompressionException e) {
          refused++;
        }
        small.put(at, before);
      }
      assertThat(refused).isPositive();
      for (int i = 0; i < GUARD; i++) {
        assertThat(decompressed.get(i)).isZero();
        assertThat(decompressed.get(GUARD + BYTES + i)).isZero();
      }
    }
  }

  private PageCodec codec(Encoding encoding) {
    System.out.println("seed " + seed);
    assumeTrue(PageCodec.isAvailable(encoding), "no native library of Zstandard for this machine");
    return PageCodec.of(encoding);
  }

  /** Fills with random bytes of {@code values} different values. */
  private void fill(int values) {
    for (int i = 0; i < BYTES; i++) {
      pages.put(i, (byte) random.nextInt(Math.min(values, 256)));
    }
  }

  private void refused(PageCodec codec, ByteBuffer from, int bytes, int expected) {
    assertThatThrownBy(() -> codec.decompress(from, 0, bytes, decompressed, GUARD, expected))
        .isInstanceOf(DecompressionException.class);
  }
}
