package io.faultline.cli.restore;

import io.faultline.cli.criu.CriuLog;
import io.faultline.cli.criu.CriuOptions;
import io.faultline.cli.criu.CriuPreprocessor;
import io.faultline.cli.criu.Directories;
import io.faultline.cli.criu.Readiness;
import io.faultline.cli.criu.ServerOptions;
import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.output.ResultOutput;
import io.faultline.restore.LazyPagesSettings;
import io.faultline.restore.outcome.OnFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline lazy-pages}: fills the memory of processes that CRIU restores. */
@Command(
    name = "lazy-pages",
    preprocessor = CriuPreprocessor.class,
    exitCodeOnInvalidInput = ExitCode.SOFTWARE,
    description = {
      "Fill the memory of processes that CRIU restores, on demand.",
      "Takes the place of \"criu lazy-pages\": all options of CRIU are accepted, and those that do",
      "not concern it are ignored."
    },
    footer = {"", "Exit codes: 0 all pages arrived, 1 failed or wrong use."})
public final class LazyPagesCommand implements Callable<Integer> {
  private static final String JSON = "--json";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private CriuOptions criu = new CriuOptions();

  @InGroup(OptionGroup.PROCESSES)
  @Option(
      names = "--page-server",
      description =
          "Get the pages from the page server at --address and --port: a \"criu dump"
              + " --lazy-pages\", or one that serves images (default: from the images).")
  private boolean fromPageServer;

  @Mixin private ServerOptions server = new ServerOptions();

  @Mixin private FromOptions from = new FromOptions();

  @Mixin private WireOptions wire = new WireOptions();

  @InGroup(OptionGroup.MIGRATION)
  @Option(
      names = "--wait-images",
      description =
          "Be ready before there are images: they are read when CRIU connects. So this can be"
              + " started before the dump, and its start takes no time of the downtime.")
  private boolean waitImages;

  @InGroup(OptionGroup.MIGRATION)
  @Option(
      names = "--no-background",
      description = "Fetch pages only when they are touched; ends when all were touched.")
  private boolean noBackground;

  @InGroup(OptionGroup.RECOVERY)
  @Option(
      names = "--on-failure",
      paramLabel = "WHAT",
      defaultValue = "rollback",
      description = {
        "What happens to the restored processes if not all of their pages can arrive:",
        "rollback: they are killed, and the source runs on; hold: they wait for a lazy-pages with",
        "--take-over; kill: they are killed, and so is the source (default: ${DEFAULT-VALUE})."
      })
  private OnFailure onFailure = OnFailure.ROLLBACK;

  @InGroup(OptionGroup.RECOVERY)
  @Option(
      names = "--take-over",
      description =
          "Continue with the processes of an earlier lazy-pages with --on-failure hold, which was"
              + " killed or has failed, in the same work directory.")
  private boolean takeOver;

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = JSON,
      paramLabel = "FILE",
      description = "Write the result to FILE, as one JSON object.")
  private @Nullable Path json;

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = OutputOptions.REPORT,
      paramLabel = "FILE",
      description =
          "Write a report to FILE, as one HTML page: a timeline, the latency of faults, and the"
              + " numbers of the result (default: none).")
  private @Nullable Path report;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return criu.run(this::run, spec.commandLine().getErr());
  }

  private int run(Directories directories, Readiness readiness, CriuLog log)
      throws IOException, InterruptedException {
    try (ResultOutput results = new ResultOutput(log::error, null)) {
      results.open(JSON, json == null ? null : directories.resolve(json));
      results.open(OutputOptions.REPORT, report == null ? null : directories.resolve(report));
      OutcomeChoice outcome = new OutcomeChoice(onFailure, takeOver);
      LazyPagesRun run =
          new LazyPagesRun(
              directories,
              new OriginChoice(directories, server, fromPageServer, from, wire, outcome),
              log,
              criu.isInForeground(),
              new RestoreRecorder(report != null, System::nanoTime));
      LazyPagesSettings settings =
          new LazyPagesSettings(!noBackground, LazyPagesSettings.DEFAULT.polling());
      boolean completed = run.run(!waitImages, settings, outcome, readiness, results);
      return results.exitCode(completed ? ExitCode.OK : ExitCode.SOFTWARE);
    }
  }
}
