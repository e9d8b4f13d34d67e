package io.faultline.cli.node;

import io.faultline.cli.options.OnLostSource;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.PeerTimeouts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a destination does about a source that does not come back. */
final class LostSourceOptions {
  @Option(
      names = "--on-lost-source",
      paramLabel = "WHAT",
      description =
          "When the source was lost for --lost-after and pages are missing: wait on, poison them"
              + " (the VM gets a memory error where it needs one), abort (stop the VM) (default:"
              + " wait).")
  private @Nullable OnLostSource what;

  @Option(
      names = "--lost-after",
      paramLabel = "TIME",
      description = "After how long the source counts as gone for good, for --on-lost-source.")
  private @Nullable Duration after;

  /** Whether a VM that lacks pages goes on without them. */
  boolean poisons() {
    return what == OnLostSource.POISON;
  }

  /**
   * The patience of a destination.
   *
   * @param both what the options of both nodes say
   * @throws UsageException where the options do not go together
   */
  PeerTimeouts over(PeerTimeouts both) {
    boolean waits = what == null || what == OnLostSource.WAIT;
    if (waits && after != null) {
      throw new UsageException(
          "--lost-after is for --on-lost-source poison or abort: add it, or leave this out");
    }
    if (waits) {
      if (what == OnLostSource.WAIT && !both.giveUpAfter().isZero()) {
        throw new UsageException("--give-up-after and --on-lost-source wait: give one of them");
      }
      return both;
    }
    if (!both.giveUpAfter().isZero()) {
      throw new UsageException(
          "--give-up-after is --on-lost-source abort: give --on-lost-source and --lost-after"
              + " alone");
    }
    if (after == null || after.isZero()) {
      throw new UsageException(
          "--on-lost-source " + what + " needs --lost-after TIME, such as --lost-after 10m");
    }
    return new PeerTimeouts(both.silence(), after);
  }
}
