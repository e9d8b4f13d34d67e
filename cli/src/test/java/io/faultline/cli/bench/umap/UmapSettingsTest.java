package io.faultline.cli.bench.umap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UmapSettingsTest {
  private static final Path BUILD = Path.of("build");

  @Test
  void withoutARamTheFileHasTwoSizes() {
    UmapSettings settings = UmapSettings.of(BUILD, null, false, null, null);
    assertThat(settings.describe()).isEqualTo("1g, buffer 256m; 2g, buffer 512m");
    assertThat(settings.diskBytes()).isEqualTo(3L << 30);
    UmapSettings halved = UmapSettings.of(BUILD, null, false, null, ByteSize.parse("128m"));
    assertThat(halved.describe()).isEqualTo("1g, buffer 128m; 2g, buffer 256m");
  }

  @Test
  void withARamItHasOneSize() {
    assertThat(UmapSettings.of(BUILD, null, false, ByteSize.parse("80m"), null).describe())
        .isEqualTo("80m, buffer 20m");
    assertThat(UmapSettings.of(BUILD, null, true, null, null).describe())
        .isEqualTo("64m, buffer 16m");
  }

  @ParameterizedTest
  @ValueSource(strings = {"3m", "4097k"})
  void impossibleBufferIsRefused(String buffer) {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> UmapSettings.of(BUILD, null, true, null, ByteSize.parse(buffer)))
        .withMessageContaining("--buffer " + buffer);
  }
}
