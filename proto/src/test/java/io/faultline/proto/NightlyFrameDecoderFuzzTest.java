package io.faultline.proto;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** {@link FrameDecoderFuzzTest} for ten minutes, in the profile {@code nightly}. */
final class NightlyFrameDecoderFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void anyBytesDecodeToFramesOrAreRefused(byte[] bytes) {
    new FrameDecoderFuzzTest().anyBytesDecodeToFramesOrAreRefused(bytes);
  }
}
