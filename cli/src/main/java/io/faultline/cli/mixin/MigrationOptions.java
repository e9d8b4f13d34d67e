package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.Bandwidth;
import io.faultline.cli.options.DirtyLogChoice;
import io.faultline.cli.options.Durations;
import io.faultline.cli.options.SwitchAfter;
import io.faultline.cli.options.UsageException;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.runs.CompressionMode;
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
@InGroup(OptionGroup.MIGRATION)
public final class MigrationOptions {
  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "postcopy",
      description =
          "postcopy (memory follows the VM), precopy (it is sent first), or hybrid (precopy rounds,"
              + " then postcopy) (default: ${DEFAULT-VALUE}).")
  private MigrationMode mode = MigrationMode.POSTCOPY;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--place",
      paramLabel = "HOW",
      defaultValue = "copy",
      description =
          "How pages are placed: copy (any backing), or continue (minor faults; not anonymous)"
              + " (default: ${DEFAULT-VALUE}).")
  private Placement placement = Placement.COPY;

  @Option(
      names = "--switch-after",
      paramLabel = "WHEN",
      description =
          "When hybrid switches over: after a number of rounds (2), after a time (500ms), or when"
              + " rounds stop converging (converged) (default: 1).")
  private @Nullable SwitchAfter switchAfter;

  @Option(
      names = "--downtime-limit",
      paramLabel = "TIME",
      description =
          "Longest pause that precopy may take to send the remaining pages (default: 300ms).")
  private @Nullable Duration downtimeLimit;

  @Option(
      names = "--no-postcopy",
      description = "Make precopy fail if it does not converge, instead of continuing as hybrid.")
  private boolean noPostcopy;

  @InGroup(OptionGroup.NETWORK)
  @Option(
      names = "--bandwidth",
      paramLabel = "RATE",
      defaultValue = "unlimited",
      description =
          "Limit for bulk data, such as 100m or 1gbit; requested pages are exempt"
              + " (default: ${DEFAULT-VALUE}).")
  private Bandwidth bandwidth = Bandwidth.UNLIMITED;

  @Option(
      names = "--dirty-log",
      paramLabel = "SOURCE",
      description =
          "What tracks writes during precopy rounds: vm (its MMU, or KVM), or write-protect"
              + " (userfaultfd) (default: vm).")
  private @Nullable DirtyLogChoice dirtyLog;

  @Mixin private WireOptions wire = new WireOptions();
  @Mixin private ScanOptions scan = new ScanOptions();

  /** How bulk data, or a snapshot, is compressed. */
  public CompressionMode compression() {
    return wire.compression();
  }

  /**
   * Checks that the options can work together.
   *
   * @throws UsageException if they cannot; the message has the reason and the remedy
   */
  public void check(Backing backing) {
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
          "--dirty-log is for precopy rounds, which --mode postcopy does not have; leave it out, or"
              + " use --mode hybrid or precopy");
    }
    if (downtimeLimit != null && downtimeLimit.isZero()) {
      throw new UsageException("--downtime-limit of 0: give a time, such as 100ms");
    }
  }

  /** Whether there are precopy rounds, so that postcopy sends only the pages written last. */
  public boolean hasRounds() {
    return mode.hasRounds();
  }

  public Placement placement() {
    return placement;
  }

  /** The number of bulk connections. */
  public int channels() {
    return wire.channels();
  }

  public DirtyLogChoice dirtyLog() {
    return dirtyLog == null ? DirtyLogChoice.VM : dirtyLog;
  }

  /** The settings of the source node, without security. */
  public SourceSettings settings(InetSocketAddress destination) {
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
        scan.settings(),
        wire.settings(),
        Security.LOOPBACK_ONLY);
  }

  /** The same options as arguments for another process. */
  public List<String> toArguments() {
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
    arguments.addAll(scan.toArguments());
    return arguments;
  }

  /** Human-readable: {@code hybrid, continue}. */
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
