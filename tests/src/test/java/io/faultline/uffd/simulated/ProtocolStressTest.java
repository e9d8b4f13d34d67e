package io.faultline.uffd.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.races.Races;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs jcstress in a process of its own, for a few seconds per test. */
@Timeout(120)
class ProtocolStressTest {
  private static final int LIMIT_SECONDS = 60;

  @TempDir private static Path directory;

  private static String report = "";

  @BeforeAll
  static void stress() throws Exception {
    report =
        run("(" + FencedProtocol.class.getName() + "|" + UnfencedProtocol.class.getName() + ")");
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

  private static String run(String tests) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", classPath(), "org.openjdk.jcstress.Main"));
    command.addAll(List.of("-t", tests, "-r", directory.toString()));
    command.addAll(List.of("-time", "500", "-iters", "4", "-f", "1", "-sc", "false"));
    command.addAll(List.of("-jvmArgs", "-XX:+UseSerialGC", "-v"));
    Path output = directory.resolve("output.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
          .as("jcstress ends: %s", Files.readString(output))
          .isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    String printed = Files.readString(output);
    assertThat(process.exitValue()).as(printed).isZero();
    return printed;
  }

  /** Surefire passes the class path in a jar; this is the original one. */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
