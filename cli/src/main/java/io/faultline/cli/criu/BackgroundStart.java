package io.faultline.cli.criu;

import io.faultline.uffd.linux.process.BackgroundProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.ExitCode;

/**
 * Starts this JVM's command again, in the background, and waits until it is ready. A JVM cannot
 * fork.
 */
final class BackgroundStart {
  /** Set for the JVM in the background. */
  private static final String VARIABLE = "FAULTLINE_IN_BACKGROUND";

  private BackgroundStart() {}

  static boolean isInBackground() {
    return System.getenv(VARIABLE) != null;
  }

  /**
   * Starts it with the same arguments.
   *
   * @return the exit code: 0 if it is ready, 1 if it failed, which it has reported
   */
  static int run() throws IOException {
    Path self = Path.of("/proc/self");
    List<String> arguments =
        List.of(Files.readString(self.resolve("cmdline"), StandardCharsets.UTF_8).split("\0"));
    List<String> environment =
        Stream.concat(
                System.getenv().entrySet().stream()
                    .map(each -> each.getKey() + "=" + each.getValue()),
                Stream.of(VARIABLE + "=1"))
            .toList();
    Path java = Files.readSymbolicLink(self.resolve("exe"));
    try (BackgroundProcess process = BackgroundProcess.start(java, arguments, environment)) {
      if (process.awaitReady()) {
        return ExitCode.OK;
      }
      process.awaitEnd();
      return ExitCode.SOFTWARE;
    }
  }
}
