package io.faultline.source;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** {@link OutgoingMigrationFuzzTest} for ten minutes, in the profile nightly. */
final class NightlyOutgoingMigrationFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void vmHasOneOwnerWhateverTheDestinationSends(FuzzedDataProvider input) {
    new OutgoingMigrationFuzzTest().vmHasOneOwnerWhateverTheDestinationSends(input);
  }
}
