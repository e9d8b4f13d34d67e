package io.faultline.cli.bench;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keeps what it starts on one CPU, the first that this process may use. */
final class OneCpu {
  private static final Pattern LIST = Pattern.compile("list: (\\d+)");

  private OneCpu() {}

  /**
   * A command to put before others; empty where the machine has none.
   *
   * @param remarks hears why
   */
  static List<String> command(Consumer<String> remarks) throws InterruptedException {
    try {
      Matcher first =
          LIST.matcher(
              ProgramRunner.run(
                  List.of("taskset", "-cp", Long.toString(ProcessHandle.current().pid()))));
      if (first.find()) {
        return List.of("taskset", "-c", first.group(1));
      }
      remarks.accept("goes on without cases on one CPU: taskset does not tell the CPUs");
    } catch (IOException e) {
      remarks.accept("goes on without cases on one CPU: " + e.getMessage());
    }
    return List.of();
  }
}
