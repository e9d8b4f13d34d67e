package io.faultline.dest;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** The same for ten minutes, in the profile nightly. */
final class NightlyIncomingMigrationFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void whateverASourceSaysIsInPlaceOrRefused(FuzzedDataProvider input) {
    new IncomingMigrationFuzzTest().whateverASourceSaysIsInPlaceOrRefused(input);
  }
}
