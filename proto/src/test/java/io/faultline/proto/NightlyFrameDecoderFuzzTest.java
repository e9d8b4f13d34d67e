package io.faultline.proto;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** The same for ten minutes, in the profile nightly. */
final class NightlyFrameDecoderFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void anyBytesAreFramesOrAreRefused(byte[] bytes) {
    new FrameDecoderFuzzTest().anyBytesAreFramesOrAreRefused(bytes);
  }
}
