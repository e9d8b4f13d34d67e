package io.faultline.cli.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.cli.options.ByteSize;
import io.faultline.paging.PagedAccess;
import io.faultline.paging.PagedRegion;
import io.faultline.paging.Pager;
import io.faultline.paging.PagerOptions;
import io.faultline.paging.store.CompressedMemoryStore;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compressed memory with the codecs of the wire, as a store of a pager. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompressedMemoryTest {
  private static final long BYTES = 8 << 20;
  private static final long BUFFER_BYTES = 1 << 20;
  private static final int ROUNDS = 3;
  private static final int REPEATED = 64;

  private static Kernel kernel(String name) {
    if (name.equals("simulated")) {
      return new SimulatedKernel();
    }
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    LinuxKernel kernel = new LinuxKernel();
    assumeTrue(kernel.supportedFeatures().contains(Feature.MOVE), "the kernel lacks UFFDIO_MOVE");
    return kernel;
  }

  /** Pages of words that repeat, that do not, and zeros. */
  private static long word(long seed, long index) {
    long page = index / 512;
    return switch ((int) ((page + seed) % 3)) {
      case 0 -> 0;
      case 1 -> new SplittableRandom(seed * BYTES + index).nextLong();
      default -> seed + index % REPEATED;
    };
  }

  @ParameterizedTest
  @CsvSource({"lz4, kernel", "zstd, kernel", "lz4, simulated", "zstd, simulated"})
  void regionOverItFindsEachWordThatWasStoredLast(String codec, String kernelName) {
    Kernel kernel = kernel(kernelName);
    try (CompressedMemoryStore store = CompressedMemory.parse("8m," + codec, null).open();
        Pager pager = Pager.open(kernel, PagerOptions.of(BUFFER_BYTES));
        PagedRegion region = pager.map(store, BYTES)) {
      for (int round = 1; round <= ROUNDS; round++) {
        try (PagedAccess access = region.access()) {
          for (long index = 0; index < BYTES / Long.BYTES; index++) {
            access.putLong(index * Long.BYTES, word(round, index));
          }
          for (long index = 0; index < BYTES / Long.BYTES; index++) {
            if (access.getLong(index * Long.BYTES) != word(round, index)) {
              throw new AssertionError("word " + index + " in round " + round);
            }
          }
        }
      }
      region.flushAll();
      assertThat(pager.stats().mostUsedPages() * 4096).isLessThanOrEqualTo(BUFFER_BYTES);
      assertThat(pager.stats().pagesRead()).isPositive();
      assertThat(store.stats().ratio()).isGreaterThan(1.5);
      assertThat(store.stats().usedBytes()).isLessThan(BYTES / 4 * 3);
    }
  }

  @Test
  void pagesThatCannotBeCompressedFitIntoTheUsualLimit() throws Exception {
    SplittableRandom random = new SplittableRandom(1);
    try (CompressedMemoryStore store = CompressedMemory.parse("2m", null).open();
        Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(4096, Long.BYTES);
      for (long offset = 0; offset < store.sizeBytes(); offset += 4096) {
        for (long at = 0; at < 4096; at += Long.BYTES) {
          page.set(ValueLayout.JAVA_LONG, at, random.nextLong());
        }
        store.write(offset, page, 0, 4096);
      }
      assertThat(store.stats().ratio()).isEqualTo(1);
    }
  }

  @Test
  void textThatIsNoSizeIsRefused() {
    assertThat(CompressedMemory.parse("4g", null).codec()).isEqualTo(MemoryCodec.LZ4);
    assertThat(CompressedMemory.parse("4g, zstd", new ByteSize(1 << 20)).limitBytes())
        .isEqualTo(1 << 20);
    assertThatThrownBy(() -> CompressedMemory.parse("4g,gzip", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'gzip' is no codec: use lz4 or zstd");
    assertThatThrownBy(() -> CompressedMemory.parse("zstd", null))
        .hasMessageContaining("'zstd' is not a size");
    assertThatThrownBy(() -> CompressedMemory.parse("1g", new ByteSize(1 << 20)).open())
        .hasMessageContaining("a limit of 1048576 bytes for 1073741824: must be at least");
  }
}
