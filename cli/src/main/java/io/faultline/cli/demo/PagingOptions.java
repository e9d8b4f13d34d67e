package io.faultline.cli.demo;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.GivenOptions;
import io.faultline.cli.options.UsageException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a VM with more memory than it gets of RAM. */
@InGroup(OptionGroup.EXPERIMENTS)
final class PagingOptions {
  private static final long USUAL_PART = 8;
  private static final long LEAST_BYTES = 1 << 20;

  private static final Set<String> ALLOWED =
      Set.of(
          "--paging",
          "--buffer",
          "--ram",
          "--vcpus",
          "--workload",
          "--working-set",
          "--zero-fraction",
          "--common-fraction",
          "--ops",
          "--write-fraction",
          "--seed",
          "--engine",
          "--json",
          "--quiet");

  @Option(
      names = "--paging",
      description =
          "Run a simulated VM whose memory is in a temporary file, of which --buffer is in RAM,"
              + " instead of a migration.")
  private boolean chosen;

  @Option(
      names = "--buffer",
      paramLabel = "SIZE",
      description = "Memory that --paging uses for guest memory (default: an eighth of --ram).")
  private @Nullable ByteSize buffer;

  boolean isChosen() {
    return chosen;
  }

  /**
   * The size of the buffer.
   *
   * @throws UsageException if it is too small
   */
  long bufferBytes(long ramBytes) {
    long bytes = buffer == null ? Math.max(LEAST_BYTES, ramBytes / USUAL_PART) : buffer.bytes();
    if (bytes < LEAST_BYTES) {
      throw new UsageException("--buffer " + buffer + ": too small; use at least 1m");
    }
    return bytes;
  }

  /**
   * Checks the options beside --paging.
   *
   * @throws UsageException if they do not combine
   */
  void check(GivenOptions given) {
    given.refuseAllBut(ALLOWED, "--paging runs one simulated VM, which does not migrate");
  }

  /** Refuses the options of --paging without it. */
  static void refuseWithout(GivenOptions given) {
    given.refuse(List.of("--buffer"), "only --paging has a buffer");
  }
}
