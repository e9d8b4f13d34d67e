package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase.UnfinishedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program that is run once, and what it took.
 *
 * @param command the program's absolute path, and its arguments
 * @param environment variables in addition to those of this process
 * @param cgroup the directory of a cgroup that it runs in
 * @param uncached a file that is dropped from the page cache before
 */
record MeasuredProgram(
    List<String> command,
    Map<String, String> environment,
    Optional<Path> cgroup,
    Optional<Path> uncached) {
  /** The longest time that a program is given. */
  static final Duration LIMIT = Duration.ofMinutes(40);

  private static final int SIGNALED = 128;
  private static final int BLOCK_BYTES = 512;
  private static final double NANOS = 1e9;
  private static final double MICROS = 1e6;
  private static final int LAST_LINES = 4;

  /** The usage, and what was printed. */
  record Result(Usage usage, String output) {}

  /**
   * Runs it to its end.
   *
   * @param runner the program that measures
   * @param scratch a directory for its output
   * @param limit after which it is killed
   * @throws UnfinishedException if it was killed then
   * @throws IOException if it fails; the message has the end of its output
   */
  Result run(Path runner, Path scratch, Duration limit)
      throws IOException, InterruptedException, UnfinishedException {
    Path output = Files.createTempFile(scratch, "program", ".out");
    Path usage = Files.createTempFile(scratch, "program", ".usage");
    try {
      int exit = execute(runner, usage, output, limit);
      String printed = Files.readString(output, StandardCharsets.ISO_8859_1);
      if (exit != 0) {
        throw new IOException(name() + " " + described(exit) + ": " + end(printed));
      }
      return new Result(parse(Files.readString(usage)), printed);
    } finally {
      Files.delete(output);
      Files.delete(usage);
    }
  }

  private int execute(Path runner, Path usage, Path output, Duration limit)
      throws IOException, InterruptedException, UnfinishedException {
    List<String> all = new ArrayList<>(List.of(runner.toString(), usage.toString()));
    all.add(cgroup.map(Path::toString).orElse("-"));
    all.add(uncached.map(Path::toString).orElse("-"));
    all.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    try (OwnedProcess process = new OwnedProcess(builder.start())) {
      if (!process.await(limit)) {
        throw new UnfinishedException(limit.toNanos() / NANOS);
      }
      return process.exitCode();
    }
  }

  private String name() {
    return String.valueOf(Path.of(command.getFirst()).getFileName());
  }

  private static String described(int exit) {
    return exit > SIGNALED
        ? "ended by signal " + (exit - SIGNALED)
        : "failed with exit code " + exit;
  }

  private static String end(String printed) {
    List<String> lines =
        printed.lines().map(String::strip).filter(each -> !each.isEmpty()).toList();
    return String.join(" | ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  private static Usage parse(String line) throws IOException {
    String[] fields = line.strip().split(" ", -1);
    if (fields.length != 5) {
      throw new IOException("not a measurement: " + line);
    }
    double cpu = (Long.parseLong(fields[1]) + Long.parseLong(fields[2])) / MICROS;
    return new Usage(
        Long.parseLong(fields[0]) / NANOS,
        cpu,
        Long.parseLong(fields[3]) * BLOCK_BYTES,
        Long.parseLong(fields[4]) * BLOCK_BYTES);
  }
}
