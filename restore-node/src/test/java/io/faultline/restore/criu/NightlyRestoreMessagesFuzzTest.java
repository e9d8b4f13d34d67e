package io.faultline.restore.criu;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** {@link RestoreMessagesFuzzTest} for ten minutes, in the profile nightly. */
final class NightlyRestoreMessagesFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void anyPeerIsReadOrRefused(FuzzedDataProvider input) throws IOException {
    new RestoreMessagesFuzzTest().anyPeerIsReadOrRefused(input);
  }
}
