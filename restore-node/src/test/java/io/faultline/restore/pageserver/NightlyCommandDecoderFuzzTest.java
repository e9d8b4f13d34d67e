package io.faultline.restore.pageserver;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** {@link CommandDecoderFuzzTest} for ten minutes, in the profile {@code nightly}. */
final class NightlyCommandDecoderFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void anyBytesAreCommandsOrAreRefused(byte[] bytes) {
    new CommandDecoderFuzzTest().anyBytesAreCommandsOrAreRefused(bytes);
  }
}
