package io.faultline.cli.bench;

import io.faultline.cli.bench.umap.UmapSettings;
import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the comparison with umap. */
final class UmapOptions {
  @Option(
      names = "--umap",
      paramLabel = "DIR",
      description = {
        "Run umap's own programs on umap, on the pager and on mmap, and print ratios; nothing else"
            + " without --only.",
        "DIR is where you built umap. Needs gcc; mmap needs root, for a memory cgroup."
      })
  private @Nullable Path umap;

  @Option(
      names = "--buffer",
      paramLabel = "SIZE",
      description =
          "With --umap: memory for files of --ram (default: a quarter; without --ram 256m for 1g,"
              + " and 512m for 2g).")
  private @Nullable ByteSize buffer;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "With --umap: where the files are, on a disk (default: the directory for temporary"
              + " files).")
  private @Nullable Path data;

  /**
   * Validates them.
   *
   * @return empty without --umap
   * @throws UsageException if an option is alone, or out of range
   */
  Optional<UmapSettings> settings(boolean quick, @Nullable ByteSize ram) {
    Path build = umap;
    if (build != null) {
      return Optional.of(UmapSettings.of(build, data, quick, ram, buffer));
    }
    if (buffer != null || data != null) {
      throw new UsageException((buffer != null ? "--buffer" : "--data") + " needs --umap DIR");
    }
    return Optional.empty();
  }
}
