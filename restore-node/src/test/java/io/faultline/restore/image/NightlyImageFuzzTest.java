package io.faultline.restore.image;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** {@link ImageFuzzTest} for ten minutes, in the profile {@code nightly}. */
final class NightlyImageFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void anyBytesAreAPagemapOrAreRefused(byte[] bytes) {
    new ImageFuzzTest().anyBytesAreAPagemapOrAreRefused(bytes);
  }
}
