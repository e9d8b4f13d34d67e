package io.faultline.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs jcstress in a process of its own. */
public final class Jcstress {
  private Jcstress() {}

  /**
   * Runs tests, which must end without an error of jcstress itself.
   *
   * @param directory for its files
   * @param tests a regular expression for the names of the classes
   * @param millis how long an iteration of each test takes
   * @param iterations of each test
   * @return what it printed
   */
  public static String run(Path directory, String tests, int millis, int iterations, Duration limit)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", classPath(), "org.openjdk.jcstress.Main"));
    command.addAll(List.of("-t", tests, "-r", directory.toString()));
    command.addAll(List.of("-time", "" + millis, "-iters", "" + iterations));
    command.addAll(List.of("-f", "1", "-sc", "false", "-jvmArgs", "-XX:+UseSerialGC", "-v"));
    Path output = directory.resolve("output.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(limit.toSeconds(), TimeUnit.SECONDS))
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
