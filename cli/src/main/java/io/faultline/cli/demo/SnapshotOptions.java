package io.faultline.cli.demo;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.GivenOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A demo that takes a snapshot instead of migrating. */
@InGroup(OptionGroup.EXPERIMENTS)
final class SnapshotOptions {
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
   * @throws io.faultline.cli.options.UsageException if they do not combine
   */
  static void check(GivenOptions given) {
    given.refuse(List.of("--paging"), "a snapshot cannot protect the memory of a pager");
    given.refuseAllBut(WITH_SNAPSHOT, "--snapshot runs one VM, which does not migrate");
  }
}
