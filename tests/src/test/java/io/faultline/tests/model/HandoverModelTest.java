package io.faultline.tests.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks docs/handover.pml with Spin (package spin of Debian and Fedora), as its head describes.
 * The verifier is compiled without optimization, which would take longer than the whole
 * exploration.
 */
class HandoverModelTest {
  private static final Path MODEL = Path.of("../docs/handover.pml").toAbsolutePath().normalize();
  private static final int LIMIT_SECONDS = 120;
  private static final String DEPTH = "-m100000";

  @TempDir private Path directory;

  @BeforeAll
  static void assumeSpin() {
    for (String program : List.of("spin", "gcc")) {
      boolean found =
          Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
              .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
      assumeTrue(found, program + " is not installed: sudo apt-get install spin gcc");
    }
  }

  @Test
  void noForbiddenStateIsReachable() throws Exception {
    assertThat(explore()).contains("errors: 0").contains("invalid end states\t+");
  }

  @Test
  void everyMigrationTerminates() throws Exception {
    run("spin", "-a", MODEL.toString());
    run("gcc", "-O0", "-w", "-DNFAIR=3", "-o", "pan", "pan.c");
    assertThat(run("./pan", DEPTH, "-a", "-f"))
        .contains("errors: 0")
        .contains("acceptance   cycles \t+ (fairness enabled)");
  }

  /** Shows that the checks can fail. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "RUN_EARLY",
        "GUESS",
        "RESUME_BEHIND_RUN",
        "NO_RUN_AGAIN",
        "KEEP_SENT",
        "NO_FENCE"
      })
  void plantedBugIsFound(String bug) throws Exception {
    assertThat(explore("-D" + bug)).contains("errors: 1");
  }

  /** Explores every state of the safety model; returns the output of the verifier. */
  private String explore(String... options) throws IOException, InterruptedException {
    List<String> spin = new ArrayList<>(List.of("spin", "-a"));
    spin.addAll(List.of(options));
    spin.add(MODEL.toString());
    run(spin.toArray(String[]::new));
    run("gcc", "-O0", "-w", "-DSAFETY", "-DNOCLAIM", "-o", "pan", "pan.c");
    return run("./pan", DEPTH);
  }

  /** Runs a command in the temporary directory; it must succeed. Returns its output. */
  private String run(String... command) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as(command[0]).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String printed = Files.readString(output);
    assertThat(process.exitValue()).as("%s: %s", String.join(" ", command), printed).isZero();
    return printed;
  }
}
