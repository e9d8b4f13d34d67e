package io.faultline.cli.demo;

import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.Results;
import io.faultline.cli.report.Summary;
import io.faultline.cli.report.page.Reports;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.cli.terminal.Terminal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** Writes and prints the result of a demo. */
final class DemoEnd {
  private final CommandOutput output;
  private final ResultOutput results;

  DemoEnd(CommandOutput output, ResultOutput results) {
    this.output = output;
    this.results = results;
  }

  /**
   * Writes the files that the user wants, prints a summary, and returns the exit code.
   *
   * @param recording for the report; null if none is wanted
   */
  int finish(ObjectNode result, @Nullable MigrationRecording recording) {
    results.write(OutputOptions.JSON, () -> ResultFile.text(result));
    if (recording != null) {
      Reports.write(recording, result, results);
    }
    boolean good = Results.isGood(result);
    if (!output.isQuiet()) {
      new Summary(output.out(), Terminal.hasColours()).print(result);
    }
    if (!good) {
      output.message(result.path("error").asString("the migration failed"));
    }
    return results.exitCode(good ? ExitCode.OK : ExitCode.SOFTWARE);
  }
}
