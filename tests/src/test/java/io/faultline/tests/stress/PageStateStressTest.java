package io.faultline.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.tags.Nightly;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link PageStateRaces}: some seconds in each build, for longer every night. */
class PageStateStressTest {
  private static final int RACES = PageStateRaces.class.getDeclaredClasses().length;

  @TempDir private Path directory;

  @Test
  void nothingIsLostOnThisProcessor() throws Exception {
    assertPassed(200, 3, Duration.ofMinutes(2));
  }

  @Nightly
  @Test
  void nothingIsLostInALongRun() throws Exception {
    assertPassed(5000, 10, Duration.ofMinutes(20));
  }

  private void assertPassed(int millis, int iterations, Duration limit) throws Exception {
    String tests = PageStateRaces.class.getName() + ".*";
    String report = Jcstress.run(directory, tests, millis, iterations, limit);
    assertThat(report)
        .contains("planned; " + RACES + " passed, 0 failed, 0 soft errs, 0 hard errs")
        .contains("Failed tests: No matches.");
  }
}
