package io.faultline.proto.control;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** {@link ControlMessagesFuzzTest} for ten minutes, in the profile {@code nightly}. */
final class NightlyControlMessagesFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void anyBytesAreMessagesOrAreRefused(byte[] bytes) throws IOException {
    new ControlMessagesFuzzTest().anyBytesAreMessagesOrAreRefused(bytes);
  }
}
