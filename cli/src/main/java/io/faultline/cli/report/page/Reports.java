package io.faultline.cli.report.page;

import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.recording.RecordingFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** Writes the report of a migration to where the user wants it. */
public final class Reports {
  private Reports() {}

  /**
   * Writes a node's report, and its recording for another process.
   *
   * @param messages receives a message if the recording cannot be written
   */
  public static void write(
      NodeOptions node,
      MigrationRecording recording,
      ObjectNode result,
      ResultOutput results,
      Consumer<String> messages) {
    write(recording, result, results);
    Path file = node.recording();
    if (file == null) {
      return;
    }
    try {
      RecordingFile.write(file, recording);
    } catch (IOException e) {
      messages.accept("the recording is missing in the report: " + e.getMessage());
    }
  }

  /** Writes the report, if the user wants one. */
  public static void write(MigrationRecording recording, ObjectNode result, ResultOutput results) {
    results.write(OutputOptions.REPORT, () -> ReportPage.of(recording, result));
  }
}
