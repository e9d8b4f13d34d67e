package io.faultline.cli.dest;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.OnLostSource;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.PeerTimeouts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a destination does when its source stays lost. */
@InGroup(OptionGroup.RECOVERY)
final class LostSourceOptions {
  @Option(
      names = "--on-lost-source",
      paramLabel = "WHAT",
      description =
          "After --lost-after with missing pages: wait, poison (touching one is a memory error), or"
              + " abort (stop the VM) (default: wait).")
  private @Nullable OnLostSource action;

  @Option(
      names = "--lost-after",
      paramLabel = "TIME",
      description = "How long the source must be lost before --on-lost-source takes effect.")
  private @Nullable Duration after;

  /** Whether a VM continues without its missing pages. */
  boolean poisons() {
    return action == OnLostSource.POISON;
  }

  /**
   * The timeouts of a destination.
   *
   * @param common those of the options that both nodes have
   * @throws UsageException if the options do not combine
   */
  PeerTimeouts timeouts(PeerTimeouts common) {
    boolean waits = action == null || action == OnLostSource.WAIT;
    if (waits && after != null) {
      throw new UsageException(
          "--lost-after is for --on-lost-source poison or abort: add it, or leave this out");
    }
    if (waits) {
      if (action == OnLostSource.WAIT && !common.giveUpAfter().isZero()) {
        throw new UsageException("--give-up-after and --on-lost-source wait: give one of them");
      }
      return common;
    }
    if (!common.giveUpAfter().isZero()) {
      throw new UsageException(
          "--give-up-after means --on-lost-source abort: use --lost-after instead of it");
    }
    if (after == null || after.isZero()) {
      throw new UsageException(
          "--on-lost-source " + action + " needs --lost-after TIME, such as --lost-after 10m");
    }
    return new PeerTimeouts(common.silence(), after);
  }
}
