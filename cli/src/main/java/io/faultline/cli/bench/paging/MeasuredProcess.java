package io.faultline.cli.bench.paging;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A program that measures, and prints a line of JSON. */
public final class MeasuredProcess {
  private static final long LIMIT_SECONDS = 600;

  private MeasuredProcess() {}

  /**
   * What a program printed, and what it had in memory.
   *
   * @param residentBytes the most that was registered with userfaultfd; 0 if that was not sampled
   */
  public record Measurement(JsonNode values, long residentBytes) {}

  /**
   * Runs a program to its end.
   *
   * @throws IOException if it fails, does not end, or prints no JSON; the message has its output
   */
  public static Measurement run(List<String> command, boolean watched, Path scratch)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(scratch, "measured", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      ResidentMemory memory = watched ? new ResidentMemory(process.pid()) : null;
      boolean ended;
      try {
        ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      } finally {
        process.destroyForcibly();
      }
      long resident = memory == null ? 0 : memory.end();
      String printed = Files.readString(output, StandardCharsets.UTF_8).strip();
      if (!ended || process.exitValue() != 0) {
        String why = ended ? "failed" : "did not end within " + LIMIT_SECONDS + " s";
        throw new IOException(command.getFirst() + " " + why + ": " + printed);
      }
      return new Measurement(parse(printed), resident);
    } finally {
      Files.delete(output);
    }
  }

  private static JsonNode parse(String printed) throws IOException {
    try {
      return JsonMapper.shared().readTree(printed.substring(printed.lastIndexOf('\n') + 1));
    } catch (JacksonException e) {
      throw new IOException("no JSON: " + printed, e);
    }
  }
}
