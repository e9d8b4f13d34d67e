package io.faultline.uffd.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.stress.Jcstress;
import io.faultline.uffd.races.Races;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs jcstress in a process of its own, for a few seconds per test. */
@Timeout(120)
class ProtocolStressTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private static Path directory;

  private static String report = "";

  @BeforeAll
  static void stress() throws Exception {
    String tests =
        "(" + FencedProtocol.class.getName() + "|" + UnfencedProtocol.class.getName() + ")";
    report = Jcstress.run(directory, tests, 500, 4, LIMIT);
  }

  @Test
  void noWakeUpIsLostOnThisProcessor() {
    assertThat(report)
        .contains("planned; 2 passed, 0 failed, 0 soft errs, 0 hard errs")
        .contains("[OK] " + FencedProtocol.class.getName())
        .contains("Failed tests: No matches.");
  }

  @Test
  void wakeUpsAreLostWithoutFences() throws IOException {
    assertThat(report).contains("[OK] " + UnfencedProtocol.class.getName());
    if (report.contains("Interesting tests: No matches.")) {
      // this processor did not show it, so the exhaustive exploration must
      StringBuilder story = new StringBuilder();
      assertThat(Races.run(story)).as(story.toString()).isTrue();
    }
  }
}
