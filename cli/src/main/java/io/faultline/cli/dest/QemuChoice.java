package io.faultline.cli.dest;

import io.faultline.cli.options.GivenOptions;
import io.faultline.cli.options.UsageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** Which QEMU gets the guest, as the user said. */
public sealed interface QemuChoice {
  /** Options of a VM that this process runs. */
  Set<String> OF_OTHER_VMS = Set.of("--run-on", "--backing", "--guest-console");

  String SEPARATOR = "--";

  /** One that waits already, at this monitor. */
  record Waiting(Path monitor) implements QemuChoice {}

  /** One to start, with this command line. */
  record Start(List<String> command) implements QemuChoice {}

  /**
   * Checks what the user said.
   *
   * @param spec of the command that is being executed
   * @param wanted whether {@code --vm qemu} was given
   * @param words all that are not options
   * @return null if no QEMU is wanted
   * @throws UsageException if the options do not combine
   */
  public static @Nullable QemuChoice of(
      CommandSpec spec, boolean wanted, @Nullable Path monitor, List<String> words) {
    requireSeparated(spec.commandLine().getParseResult().originalArgs(), words);
    if (!wanted) {
      if (monitor != null || !words.isEmpty()) {
        throw new UsageException(
            (monitor == null ? "a command line" : "--qmp") + " is for --vm qemu: add that");
      }
      return null;
    }
    GivenOptions.of(spec)
        .refuse(OF_OTHER_VMS, "--vm qemu receives a guest that QEMU runs, with QEMU's memory");
    if (monitor == null && words.isEmpty()) {
      throw new UsageException(
          "--vm qemu needs a QEMU: -- qemu-system-x86_64 ARGUMENT... starts one, --qmp SOCKET names"
              + " the monitor of one that was started with -incoming defer -S");
    }
    if (monitor != null && !words.isEmpty()) {
      throw new UsageException(
          "--qmp names a QEMU that runs already, and -- starts one: leave out one of them");
    }
    return monitor == null ? new Start(List.copyOf(words)) : new Waiting(monitor);
  }

  private static void requireSeparated(List<String> line, List<String> words) {
    int separator = line.indexOf(SEPARATOR);
    int after = separator < 0 ? 0 : line.size() - separator - 1;
    if (words.size() > after) {
      throw new UsageException(
          "unexpected argument " + words.getFirst() + "; the command line of a QEMU follows --");
    }
  }
}
