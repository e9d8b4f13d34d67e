package io.faultline.cli.pager;

import io.faultline.cli.options.UsageException;
import io.faultline.cli.report.ResultFile;
import io.faultline.paging.SharedMemoryPager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The file with what a pager has done, written once it ends. */
final class PagerResult {
  private final @Nullable Path file;

  private PagerResult(@Nullable Path file) {
    this.file = file;
  }

  /**
   * Checks that the file can be written, before there are clients.
   *
   * @param file null if the user wants none
   */
  static PagerResult open(@Nullable Path file) {
    if (file != null) {
      try {
        Files.writeString(file, "");
      } catch (IOException e) {
        throw new UsageException("--json " + file + ": it cannot be written: " + e);
      }
    }
    return new PagerResult(file);
  }

  /**
   * Writes the file.
   *
   * @param isLost whether something that a client had stored could not be written
   */
  void write(SharedMemoryPager pager, PagerLog log, boolean isLost) throws IOException {
    if (file != null) {
      Files.writeString(file, ResultFile.text(result(pager, log, isLost)));
    }
  }

  private static ObjectNode result(SharedMemoryPager pager, PagerLog log, boolean isLost) {
    ObjectNode result =
        ResultFile.newResult()
            .put("status", isLost ? "failed" : "completed")
            .put("clients", log.accepted());
    return PagerFigures.put(result, pager, log);
  }
}
