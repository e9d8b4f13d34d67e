package io.faultline.cli.node;

import io.faultline.cli.options.Bandwidth;
import io.faultline.cli.options.DirtyLogChoice;
import io.faultline.cli.options.Durations;
import io.faultline.cli.options.SwitchAfter;
import io.faultline.cli.options.UsageException;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.security.Security;
import io.faultline.source.MigrationMode;
import io.faultline.source.PrecopySettings;
import io.faultline.source.SourceSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How the VM is migrated. */
final class MigrationOptions {
  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "postcopy",
      description =
          "When memory moves: postcopy (behind the VM), hybrid (rounds ahead of it, the rest"
              + " behind), precopy (ahead) (default: ${DEFAULT-VALUE}).")
  private MigrationMode mode = MigrationMode.POSTCOPY;

  @Option(
      names = "--place",
      paramLabel = "HOW",
      defaultValue = "copy",
      description =
          "How pages are placed: copy (any memory), continue (shared memory, by minor faults)"
              + " (default: ${DEFAULT-VALUE}).")
  private Placement placement = Placement.COPY;

  @Option(
      names = "--switch-after",
      paramLabel = "WHEN",
      description =
          "When hybrid switches over: after so many rounds (2), after a time (500ms), or when"
              + " rounds stop converging (converged) (default: 1).")
  private @Nullable SwitchAfter switchAfter;

  @Option(
      names = "--downtime-limit",
      paramLabel = "TIME",
      description = "How long precopy may pause the VM for the rest (default: 300ms).")
  private @Nullable Duration downtimeLimit;

  @Option(
      names = "--no-postcopy",
      description = "Precopy fails where it does not converge, and does not go on as postcopy.")
  private boolean noPostcopy;

  @Option(
      names = "--bandwidth",
      paramLabel = "RATE",
      defaultValue = "unlimited",
      description =
          "The most for memory that nobody waits for, such as 100m or 1gbit"
              + " (default: ${DEFAULT-VALUE}).")
  private Bandwidth bandwidth = Bandwidth.UNLIMITED;

  @Option(
      names = "--dirty-log",
      paramLabel = "SOURCE",
      description =
          "Who tells what the VM writes during rounds: vm (its MMU, or KVM), write-protect"
              + " (userfaultfd) (default: vm).")
  private @Nullable DirtyLogChoice dirtyLog;

  @Mixin private WireOptions wire = new WireOptions();
  @Mixin private ScanOptions push = new ScanOptions();

  /**
   * Refuses what cannot work together.
   *
   * @throws UsageException with the reason and the remedy
   */
  void check(Backing backing) {
    if (!placement.supports(backing)) {
      throw new UsageException(
          "--place continue needs memory that can be mapped twice, which "
              + backing
              + " memory cannot; use --backing shmem, hugetlb-2m, hugetlb-1g or file:PATH, or"
              + " --place copy");
    }
    wire.check(backing, placement);
    onlyWith("--switch-after", switchAfter != null, MigrationMode.HYBRID);
    onlyWith("--downtime-limit", downtimeLimit != null, MigrationMode.PRECOPY);
    onlyWith("--no-postcopy", noPostcopy, MigrationMode.PRECOPY);
    if (dirtyLog != null && !mode.hasRounds()) {
      throw new UsageException(
          "--dirty-log is for rounds, which --mode postcopy does not have; leave it out, or use"
              + " --mode hybrid or precopy");
    }
    if (downtimeLimit != null && downtimeLimit.isZero()) {
      throw new UsageException("--downtime-limit of 0: give a time, such as 100ms");
    }
  }

  /** Whether only what was written last follows behind the handover. */
  boolean hasRounds() {
    return mode.hasRounds();
  }

  /** How pages are placed. */
  Placement placement() {
    return placement;
  }

  /** How many bulk connections there are. */
  int channels() {
    return wire.channels();
  }

  /** Who tells what the VM writes. */
  DirtyLogChoice dirtyLog() {
    return dirtyLog == null ? DirtyLogChoice.VM : dirtyLog;
  }

  /** For the source node. */
  SourceSettings settings(InetSocketAddress destination) {
    PrecopySettings precopy = PrecopySettings.DEFAULT;
    if (switchAfter != null) {
      precopy = precopy.withMaxRounds(switchAfter.maxRounds()).withMaxTime(switchAfter.maxTime());
    }
    if (downtimeLimit != null) {
      precopy = precopy.withDowntimeLimit(downtimeLimit);
    }
    return new SourceSettings(
        destination,
        mode,
        placement,
        noPostcopy ? precopy.withoutPostcopy() : precopy,
        bandwidth.bytesPerSecond(),
        push.order(),
        wire.settings(),
        Security.LOOPBACK_ONLY);
  }

  /** The same options as arguments for another process. */
  List<String> toArguments() {
    List<String> arguments = new ArrayList<>(List.of("--mode=" + mode, "--place=" + placement));
    if (switchAfter != null) {
      arguments.add("--switch-after=" + switchAfter);
    }
    if (downtimeLimit != null) {
      arguments.add("--downtime-limit=" + Durations.format(downtimeLimit));
    }
    if (noPostcopy) {
      arguments.add("--no-postcopy");
    }
    if (!bandwidth.isUnlimited()) {
      arguments.add("--bandwidth=" + bandwidth.bytesPerSecond());
    }
    if (dirtyLog != null) {
      arguments.add("--dirty-log=" + dirtyLog);
    }
    arguments.addAll(wire.toArguments());
    arguments.addAll(push.toArguments());
    return arguments;
  }

  /** For people: {@code hybrid, continue}. */
  @Override
  public String toString() {
    return mode + ", " + placement;
  }

  private void onlyWith(String option, boolean given, MigrationMode only) {
    if (given && mode != only) {
      throw new UsageException(
          option + " is for --mode " + only + ", not for " + mode + "; leave it out, or change it");
    }
  }
}
