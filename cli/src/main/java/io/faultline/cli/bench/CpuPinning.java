package io.faultline.cli.bench;

import io.faultline.cli.bench.measure.ProgramRunner;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Pins programs to one CPU: the first that this process may use. */
final class CpuPinning {
  private static final Pattern LIST = Pattern.compile("list: (\\d+)");

  private CpuPinning() {}

  /**
   * A command prefix that pins a program; empty if it cannot be pinned.
   *
   * @param log receives the reason if it is empty
   */
  static List<String> command(Consumer<String> log) throws InterruptedException {
    try {
      Matcher first =
          LIST.matcher(
              ProgramRunner.run(
                  List.of("taskset", "-cp", Long.toString(ProcessHandle.current().pid()))));
      if (first.find()) {
        return List.of("taskset", "-c", first.group(1));
      }
      log.accept("continuing without cases on one CPU: unknown output of taskset");
    } catch (IOException e) {
      log.accept("continuing without cases on one CPU: " + e.getMessage());
    }
    return List.of();
  }
}
