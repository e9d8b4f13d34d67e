package io.faultline.cli.bench.measure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs to their end. */
public final class ProgramRunner {
  private static final long LIMIT_SECONDS = 120;

  private ProgramRunner() {}

  /**
   * Runs a program and returns its output.
   *
   * @throws IOException if it is not found, fails or does not end; the message has its output
   */
  public static String run(List<String> command) throws IOException, InterruptedException {
    return run(command, LIMIT_SECONDS);
  }

  /**
   * As {@link #run(List)}.
   *
   * @param limitSeconds when it is ended if it has not
   */
  public static String run(List<String> command, long limitSeconds)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("faultline-bench", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended;
      try {
        ended = process.waitFor(limitSeconds, TimeUnit.SECONDS);
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      String printed = Files.readString(output, StandardCharsets.UTF_8);
      if (!ended || process.exitValue() != 0) {
        String why = ended ? "failed" : "did not end within " + limitSeconds + " s";
        throw new IOException(command.getFirst() + " " + why + ": " + printed.strip());
      }
      return printed;
    } finally {
      Files.delete(output);
    }
  }
}
