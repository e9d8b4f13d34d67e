package io.faultline.cli.demo;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.GivenOptions;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.snapshot.file.DataEncoding;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A demo that takes a snapshot instead of migrating. */
@InGroup(OptionGroup.EXPERIMENTS)
final class SnapshotOptions {
  private static final String COMPRESSION = "--compression";

  private static final Set<String> WITH_SNAPSHOT =
      Set.of(
          "--snapshot",
          "--vm",
          "--ram",
          "--backing",
          "--vcpus",
          "--workload",
          "--working-set",
          "--zero-fraction",
          "--common-fraction",
          "--ops",
          "--write-fraction",
          "--pace",
          COMPRESSION,
          "--seed",
          "--engine",
          "--json",
          "--quiet");

  @Option(
      names = "--snapshot",
      paramLabel = "FILE",
      description =
          "Do not migrate: take a snapshot of the running VM, let it go on, and verify it at its"
              + " end.")
  private @Nullable Path file;

  /** The file; null if the demo migrates. */
  @Nullable Path file() {
    return file;
  }

  /**
   * Checks the other options.
   *
   * @throws UsageException if they do not combine
   */
  static void check(GivenOptions given) {
    given.refuse(List.of("--paging"), "a snapshot cannot protect the memory of a pager");
    given.refuseAllBut(WITH_SNAPSHOT, "--snapshot runs one VM, which does not migrate");
  }

  /**
   * How the file is compressed: not, unless that is given.
   *
   * @param how the value of the option, or its default
   * @throws UsageException if it is not possible
   */
  static DataEncoding encoding(GivenOptions given, CompressionMode how) {
    return switch (how) {
      case NONE -> DataEncoding.PLAIN;
      case LZ4 -> DataEncoding.LZ4;
      case ZSTD -> DataEncoding.ZSTD;
      case AUTO -> {
        if (given.contains(COMPRESSION)) {
          throw new UsageException(
              "--compression auto: a snapshot has no link to measure: use none, lz4 or zstd");
        }
        yield DataEncoding.PLAIN;
      }
    };
  }
}
