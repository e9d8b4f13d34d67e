package io.faultline.cli.restore;

import io.faultline.cli.terminal.CommandOutput;
import io.faultline.proto.Transport;
import io.faultline.restore.ImageTasks;
import io.faultline.restore.LazyPagesDaemon;
import io.faultline.restore.LazyPagesSettings;
import io.faultline.restore.RestoreReport;
import io.faultline.restore.RestoreState;
import io.faultline.restore.image.ImageDirectory;
import io.faultline.restore.origin.ImageOrigin;
import io.faultline.restore.outcome.OnFailure;
import io.faultline.restore.outcome.OutcomeContext;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline lazy-pages}: fills the memory of processes that CRIU restores. */
@Command(
    name = "lazy-pages",
    description = {
      "Fill the memory of processes that CRIU restores, on demand.",
      "Takes the place of \"criu lazy-pages\", and its options."
    },
    footer = {"", "Exit codes: 0 all pages arrived, 1 failed, 2 wrong use."})
public final class LazyPagesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-D", "--images-dir"},
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Directory of the images (default: ${DEFAULT-VALUE}).")
  private Path images = Path.of(".");

  @Option(
      names = {"-W", "--work-dir"},
      paramLabel = "DIR",
      description = "Directory of the socket and the log (default: as --images-dir).")
  private @Nullable Path work;

  @Option(
      names = "--status-fd",
      paramLabel = "N",
      description = "Descriptor to which a byte is written when CRIU may restore.")
  private @Nullable Integer statusFd;

  @Option(
      names = "--on-failure",
      paramLabel = "WHAT",
      defaultValue = "rollback",
      description = {
        "What happens to the restored processes if not all of their pages can arrive:",
        "rollback: they are killed, and the source runs on; kill: they are killed, and so is the",
        "source (default: ${DEFAULT-VALUE})."
      })
  private OnFailure onFailure = OnFailure.ROLLBACK;

  @Override
  public Integer call() throws IOException {
    try (CommandOutput output = new CommandOutput(spec.commandLine(), false);
        Transport transport = new Transport()) {
      ImageTasks tasks = new ImageTasks(ImageDirectory.open(images));
      Path directory = work == null ? images : work;
      LazyPagesDaemon daemon =
          LazyPagesDaemon.listen(
              transport,
              directory,
              tasks,
              loop -> new ImageOrigin(tasks::image, new LinuxKernel()),
              loop ->
                  new OutcomeContext(loop, transport, directory, output::message).create(onFailure),
              LazyPagesSettings.DEFAULT,
              state -> {});
      Runtime.getRuntime().addShutdownHook(new Thread(daemon::close, "fail-on-exit"));
      if (statusFd != null) {
        Files.write(Path.of("/dev/fd/" + statusFd), new byte[1]);
      }
      RestoreReport report = daemon.result().join();
      output.message(report.toString());
      if (report.state() == RestoreState.COMPLETED) {
        return ExitCode.OK;
      }
      output.message(report.error());
      return ExitCode.SOFTWARE;
    }
  }
}
