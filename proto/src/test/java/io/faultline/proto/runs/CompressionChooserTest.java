package io.faultline.proto.runs;

import static io.faultline.proto.wire.Encoding.ENCODING_LZ4;
import static io.faultline.proto.wire.Encoding.ENCODING_RAW;
import static io.faultline.proto.wire.Encoding.ENCODING_ZSTD;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.Capability;
import io.faultline.proto.wire.Encoding;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class CompressionChooserTest {
  private static final Set<Capability> BOTH = EnumSet.of(Capability.LZ4, Capability.ZSTD);
  private static final long MB = 1_000_000;
  private static final int RUNS = 4000;
  private static final int RUN_BYTES = 256 << 10;

  /**
   * How a codec performs.
   *
   * @param mbPerSecond input in megabytes per second
   * @param percent output in percent of the input
   */
  private record Speed(long mbPerSecond, int percent) {}

  private Speed lz4 = new Speed(700, 50);
  private Speed zstd = new Speed(250, 33);

  @Test
  void slowLinkGetsTheStrongestCodec() {
    assertThat(mostly(choose(CompressionMode.AUTO, BOTH, 50 * MB))).isEqualTo(ENCODING_ZSTD);
  }

  @Test
  void fasterLinkGetsTheFastestCodec() {
    assertThat(mostly(choose(CompressionMode.AUTO, BOTH, 240 * MB))).isEqualTo(ENCODING_LZ4);
  }

  @Test
  void averageIsOfTimesNotOfSpeeds() {
    CompressionChooser chooser = new CompressionChooser(CompressionMode.AUTO, BOTH);
    Map<Encoding, Integer> chosen = new EnumMap<>(Encoding.class);
    for (int i = 0; i < RUNS; i++) {
      Encoding next = chooser.next(50 * MB);
      int before = chosen.merge(next, 1, Integer::sum) - 1;
      boolean isZstd = next == ENCODING_ZSTD;
      // Every fourth Zstandard run waits for the processor: 75 MB/s on average.
      long mbPerSecond = isZstd ? (before % 4 == 0 ? 22 : 400) : 500;
      long nanos = RUN_BYTES * 1000L / mbPerSecond;
      chooser.measured(next, RUN_BYTES, RUN_BYTES / 100 * (isZstd ? 33 : 50), nanos);
    }
    assertThat(mostly(chosen)).isEqualTo(ENCODING_LZ4);
  }

  @Test
  void codecThatWasSlowIsTriedAgain() {
    CompressionChooser chooser = new CompressionChooser(CompressionMode.AUTO, BOTH);
    Speed starved = new Speed(20, 50);
    assertThat(mostly(run(chooser, 50 * MB, starved, starved))).isEqualTo(ENCODING_RAW);
    Map<Encoding, Integer> later = run(chooser, 50 * MB, lz4, zstd);
    assertThat(later.getOrDefault(ENCODING_RAW, 0)).isLessThan(RUNS / 3);
  }

  @Test
  void strongerCodecMustWinByAMargin() {
    lz4 = new Speed(700, 50);
    zstd = new Speed(400, 45);
    assertThat(mostly(choose(CompressionMode.AUTO, BOTH, 50 * MB))).isEqualTo(ENCODING_LZ4);
  }

  @Test
  void linkAsFastAsCompressionGetsRawPages() {
    lz4 = new Speed(480, 50);
    assertThat(mostly(choose(CompressionMode.AUTO, BOTH, 450 * MB))).isEqualTo(ENCODING_RAW);
  }

  @Test
  void fastOrUnmeasuredLinkNeverTriesCompression() {
    for (long link : new long[] {1500 * MB, LinkMeter.UNKNOWN}) {
      assertThat(choose(CompressionMode.AUTO, BOTH, link)).containsOnlyKeys(ENCODING_RAW);
    }
  }

  @Test
  void incompressiblePagesAreTriedLessAndLess() {
    lz4 = new Speed(2000, 100);
    zstd = new Speed(600, 100);
    Map<Encoding, Integer> chosen = choose(CompressionMode.AUTO, BOTH, 50 * MB);
    assertThat(RUNS - chosen.getOrDefault(ENCODING_RAW, 0)).isBetween(4, 30);
  }

  @Test
  void pagesThatBecomeCompressibleAreNoticed() {
    CompressionChooser chooser = new CompressionChooser(CompressionMode.AUTO, BOTH);
    Speed incompressible = new Speed(1000, 100);
    run(chooser, 50 * MB, incompressible, incompressible);
    Map<Encoding, Integer> later = run(chooser, 50 * MB, lz4, zstd);
    assertThat(later.get(ENCODING_ZSTD)).isGreaterThan(RUNS / 2);
  }

  @Test
  void explicitModeIsAlwaysUsed() {
    assertThat(choose(CompressionMode.LZ4, BOTH, 9000 * MB)).containsOnlyKeys(ENCODING_LZ4);
    assertThat(choose(CompressionMode.ZSTD, BOTH, 9000 * MB)).containsOnlyKeys(ENCODING_ZSTD);
    assertThat(choose(CompressionMode.NONE, BOTH, MB)).containsOnlyKeys(ENCODING_RAW);
  }

  @Test
  void onlyAgreedCodecsAreUsed() {
    Set<Capability> one = EnumSet.of(Capability.LZ4, Capability.CRC32C);
    assertThat(choose(CompressionMode.ZSTD, one, MB)).containsOnlyKeys(ENCODING_RAW);
    assertThat(choose(CompressionMode.AUTO, one, 50 * MB)).doesNotContainKey(ENCODING_ZSTD);
    assertThat(mostly(choose(CompressionMode.AUTO, one, 50 * MB))).isEqualTo(ENCODING_LZ4);
    assertThat(new CompressionChooser(CompressionMode.AUTO, Set.of()).canCompress()).isFalse();
  }

  private Map<Encoding, Integer> choose(CompressionMode mode, Set<Capability> agreed, long link) {
    return run(new CompressionChooser(mode, agreed), link, lz4, zstd);
  }

  /** Returns how often each encoding was chosen. */
  private static Map<Encoding, Integer> run(
      CompressionChooser chooser, long link, Speed lz4, Speed zstd) {
    Map<Encoding, Integer> chosen = new EnumMap<>(Encoding.class);
    for (int i = 0; i < RUNS; i++) {
      Encoding next = chooser.next(link);
      chosen.merge(next, 1, Integer::sum);
      if (next != ENCODING_RAW) {
        Speed speed = next == ENCODING_LZ4 ? lz4 : zstd;
        long nanos = RUN_BYTES * 1000L / speed.mbPerSecond;
        chooser.measured(next, RUN_BYTES, RUN_BYTES / 100 * speed.percent, nanos);
      }
    }
    return chosen;
  }

  private static Encoding mostly(Map<Encoding, Integer> chosen) {
    for (Map.Entry<Encoding, Integer> each : chosen.entrySet()) {
      if (each.getValue() > RUNS * 8 / 10) {
        return each.getKey();
      }
    }
    throw new AssertionError("no encoding was chosen most of the time: " + chosen);
  }
}
