package io.faultline.dest;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** {@link IncomingMigrationFuzzTest} for ten minutes, in the profile nightly. */
final class NightlyIncomingMigrationFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void anySourceIsServedOrRefused(FuzzedDataProvider input) {
    new IncomingMigrationFuzzTest().anySourceIsServedOrRefused(input);
  }
}
