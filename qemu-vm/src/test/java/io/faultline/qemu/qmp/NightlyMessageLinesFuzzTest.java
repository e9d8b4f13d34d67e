package io.faultline.qemu.qmp;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** {@link MessageLinesFuzzTest} for ten minutes, in the profile nightly. */
final class NightlyMessageLinesFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void anyBytesAreReadOrRefused(FuzzedDataProvider input) {
    new MessageLinesFuzzTest().anyBytesAreReadOrRefused(input);
  }
}
