package io.faultline.cli.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs that run to their end. */
final class ProgramRunner {
  private static final long LIMIT_SECONDS = 120;

  private ProgramRunner() {}

  /**
   * Runs one; returns what it printed.
   *
   * @throws IOException where it is not there, fails or does not end, with what it said
   */
  static String run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("faultline-bench", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended;
      try {
        ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      String said = Files.readString(output, StandardCharsets.UTF_8);
      if (!ended || process.exitValue() != 0) {
        String why = ended ? "failed" : "does not end";
        throw new IOException(command.getFirst() + " " + why + ": " + said.strip());
      }
      return said;
    } finally {
      Files.delete(output);
    }
  }
}
