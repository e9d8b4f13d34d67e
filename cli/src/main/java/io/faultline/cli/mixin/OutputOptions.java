package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.output.ResultOutput;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code demo}, {@code source} and {@code dest} print and write. */
@InGroup(OptionGroup.OUTPUT)
public final class OutputOptions {
  /** The option for the result as JSON. */
  public static final String JSON = "--json";

  @Option(
      names = JSON,
      paramLabel = "FILE",
      description = "Write the result to FILE, as one JSON object.")
  private @Nullable Path json;

  /** The option for the report as a page. */
  public static final String REPORT = "--report";

  @Option(
      names = REPORT,
      paramLabel = "FILE",
      description =
          "Write a report to FILE, as one HTML page: a timeline with all faults, a map of guest"
              + " memory, and the numbers of the result (default: none).")
  private @Nullable Path report;

  @Option(
      names = "--quiet",
      description = "Print errors only: no progress, summary, remarks or guest console.")
  private boolean quiet;

  /**
   * Opens the files that the command writes at its end. Call it before anything starts.
   *
   * @param messages receives a message for each file that is written elsewhere
   * @param stateDirectory the user's directory for status files; null for the default one
   * @throws io.faultline.cli.options.UsageException if one of them cannot be written
   */
  public ResultOutput open(Consumer<String> messages, @Nullable Path stateDirectory) {
    ResultOutput results = new ResultOutput(messages, stateDirectory);
    results.open(JSON, json);
    results.open(REPORT, report);
    return results;
  }

  /** Whether the user wants a report. */
  public boolean wantsReport() {
    return report != null;
  }

  public boolean isQuiet() {
    return quiet;
  }
}
