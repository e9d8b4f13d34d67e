package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.Durations;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.Polling;
import io.faultline.proto.security.Security;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that source and destination have in common, and that {@code demo} passes to both. */
@InGroup(OptionGroup.EXPERIMENTS)
public final class CommonNodeOptions {
  @Option(
      names = "--poll",
      paramLabel = "HOW",
      defaultValue = "block",
      description =
          "How the urgent event loop waits: block, spin (occupies a CPU), or adaptive (spins for a"
              + " round trip, then blocks) (default: ${DEFAULT-VALUE}).")
  private Polling polling = Polling.BLOCK;

  @Option(
      names = "--rehearsal",
      paramLabel = "TIME",
      defaultValue = "3s",
      description =
          "How long a node may first migrate small VMs to itself, so that its code is compiled;"
              + " 0ms for no rehearsal (default: ${DEFAULT-VALUE}).")
  private Duration rehearsal = Duration.ZERO;

  @Mixin private TimeoutOptions timeouts = new TimeoutOptions();
  @Mixin private SecurityOptions security = new SecurityOptions();

  public Polling polling() {
    return polling;
  }

  /** The longest time for a rehearsal; 0 for none. */
  public Duration rehearsal() {
    return rehearsal;
  }

  public PeerTimeouts timeouts() {
    return timeouts.timeouts();
  }

  /**
   * How this node and its peer authenticate.
   *
   * @param side source or dest: the subdirectory of a key set that is this node's
   * @param option the option that named the addresses
   * @param addresses to connect to or to listen on; the security must protect them
   * @throws io.faultline.cli.options.UsageException if the options do not combine, a key cannot be
   *     read, or an address is unprotected
   */
  public Security security(String side, String option, List<InetSocketAddress> addresses) {
    return security.security(side, option, addresses);
  }

  /** Whether connections are encrypted. */
  public boolean isEncrypted() {
    return security.isEncrypted();
  }

  /**
   * The same options as arguments for another process.
   *
   * @param defaultGiveUpAfter for {@code --give-up-after}, unless the user set it
   */
  public List<String> toArguments(Duration defaultGiveUpAfter) {
    List<String> arguments = new ArrayList<>(timeouts.toArguments(defaultGiveUpAfter));
    arguments.addAll(security.toArguments());
    arguments.add("--rehearsal=" + Durations.format(rehearsal));
    arguments.add("--poll=" + polling);
    return arguments;
  }
}
