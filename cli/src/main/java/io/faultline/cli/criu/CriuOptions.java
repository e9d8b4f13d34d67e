package io.faultline.cli.criu;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of CRIU that each of its commands has here. */
@InGroup(OptionGroup.PROCESSES)
public final class CriuOptions {
  @Option(
      names = {"-D", "--images-dir"},
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Directory of the images (default: ${DEFAULT-VALUE}).")
  private Path images = Path.of(".");

  @Option(
      names = {"-W", "--work-dir"},
      paramLabel = "DIR",
      description =
          "Directory of the socket, and to which all other paths are relative (default: as"
              + " --images-dir).")
  private @Nullable Path work;

  @Option(
      names = {"-o", "--log-file"},
      paramLabel = "FILE",
      description =
          "Write the log to FILE; errors also to standard error (default: standard error).")
  private @Nullable Path log;

  @Option(
      names = {"-v", "--verbosity"},
      paramLabel = "N",
      arity = "0..1",
      fallbackValue = "1",
      defaultValue = "2",
      description =
          "What is logged: 1 errors, 2 warnings, 3 what happens, with times, 4 everything. -vvv is"
              + " -v3 (default: ${DEFAULT-VALUE}).")
  private int verbosity = CriuLog.WARNINGS;

  @Option(
      names = {"-d", "--daemon"},
      description =
          "Run in the background: the command ends with 0 when the one in the background is"
              + " ready.")
  private boolean background;

  @Option(
      names = "--pidfile",
      paramLabel = "FILE",
      description = "Write the process id to FILE when it is ready.")
  private @Nullable Path pidFile;

  @Option(
      names = "--status-fd",
      paramLabel = "N",
      description = "Write a zero byte to descriptor N when it is ready, then close it.")
  private int statusFd = -1;

  /**
   * Runs a command with these options; or starts it again in the background, if the user wants
   * that.
   *
   * @return the exit code
   * @throws IOException if it could not start; the message is for the user
   */
  public int run(CriuCommand command, PrintWriter standardError)
      throws IOException, InterruptedException {
    if (background && !BackgroundStart.isInBackground()) {
      return BackgroundStart.run();
    }
    Directories directories = Directories.check(images, work == null ? images : work);
    Readiness readiness =
        Readiness.check(
            statusFd, pidFile == null ? null : directories.resolve(pidFile), log != null);
    Path file = log == null ? null : directories.resolve(log);
    try (CriuLog opened = CriuLog.open(file, verbosity, standardError)) {
      try {
        return command.run(directories, readiness, opened);
      } catch (IOException | RuntimeException e) {
        opened.record(String.valueOf(e.getMessage()));
        throw e;
      }
    }
  }

  /** Whether the user looks at the output. */
  public boolean isInForeground() {
    return !background;
  }
}
