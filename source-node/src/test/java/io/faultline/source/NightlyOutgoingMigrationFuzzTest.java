package io.faultline.source;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** The same for ten minutes, in the profile nightly. */
final class NightlyOutgoingMigrationFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void whateverADestinationSaysTheVmHasOneOwner(FuzzedDataProvider input) {
    new OutgoingMigrationFuzzTest().whateverADestinationSaysTheVmHasOneOwner(input);
  }
}
