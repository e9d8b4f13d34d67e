package io.faultline.restore.image;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.faultline.restore.image.messages.Memory;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;

/** Any bytes are a valid image or are refused with one line. */
final class ImageFuzzTest {
  private static final Path FILE = Path.of("file.img");
  private static final long ADDRESSES_END = 1L << 56;
  private static final int MAX_BYTES = 1 << 20;

  @FuzzTest(maxDuration = "2s")
  void anyBytesAreAPagemapOrAreRefused(byte[] bytes) {
    try {
      Pagemap pagemap = PagemapReader.read(FILE, reader(bytes, ImageType.PAGEMAP));
      long end = 0;
      for (int entry = 0; entry < pagemap.count(); entry++) {
        assertThat(pagemap.startOf(entry)).isGreaterThanOrEqualTo(end);
        assertThat(pagemap.pagesOf(entry)).isPositive();
        assertThat(pagemap.startOf(entry) % PAGE_BYTES).isZero();
        assertThat(pagemap.offsetOf(entry)).isNotNegative();
        end = pagemap.endOf(entry);
        assertThat(pagemap.firstAfter(end - 1)).isEqualTo(entry);
      }
      assertThat(end).isBetween(0L, ADDRESSES_END);
    } catch (ImageException e) {
      assertThat(e.getMessage()).startsWith("file.img: ").doesNotContain("\n");
    }
  }

  @FuzzTest(maxDuration = "2s")
  void anyBytesAreAreasOrAreRefused(byte[] bytes) {
    try (ImageReader reader = reader(bytes, ImageType.MEMORY)) {
      AreaCutter areas = new AreaCutter(FILE, reader.next(Memory.parser(), "a list", MAX_BYTES));
      PageExtents.Builder whole = new PageExtents.Builder();
      whole.add(0, ADDRESSES_END / PAGE_BYTES - 1, PageExtents.AT_SOURCE, 0);
      PageExtents cut = areas.cut(whole.build());
      long end = 0;
      for (int extent = 0; extent < cut.count(); extent++) {
        assertThat(cut.startOf(extent)).isEqualTo(end);
        end = cut.endOf(extent);
      }
      assertThat(end).isEqualTo(ADDRESSES_END - PAGE_BYTES);
    } catch (ImageException e) {
      assertThat(e.getMessage()).startsWith("file.img: ").doesNotContain("\n");
    }
  }

  private static ImageReader reader(byte[] bytes, ImageType type) throws ImageException {
    return new ImageReader(FILE, new ByteArrayInputStream(bytes), bytes.length, type);
  }
}
