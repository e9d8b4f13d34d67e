package io.faultline.cli.node;

import io.faultline.memory.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;

/** What a demo tells its two nodes, beside the VM and its migration. */
final class DemoOptions {
  /** Both ends are here: one that is lost for so long does not come back. */
  private static final Duration GIVE_UP = Duration.ofMinutes(1);

  @Mixin private RehearsalOption rehearsal = new RehearsalOption();
  @Mixin private PollOption poll = new PollOption();
  @Mixin private PopulateOption populate = new PopulateOption();
  @Mixin private TimeoutOptions timeouts = new TimeoutOptions();
  @Mixin private SecurityOptions security = new SecurityOptions();

  /** Refuses what cannot be, before anything is started. */
  void check(Placement placement) {
    populate.check(placement);
    security.security("source");
    security.security("dest");
  }

  boolean isEncrypted() {
    return security.isEncrypted();
  }

  /** As arguments for the source. */
  List<String> forSource() {
    List<String> arguments = new ArrayList<>(timeouts.toArguments(GIVE_UP));
    arguments.addAll(security.toArguments());
    arguments.addAll(List.of("--guest-console", rehearsal.toArgument(), poll.toArgument()));
    return arguments;
  }

  /** As arguments for the destination. */
  List<String> forDestination() {
    List<String> arguments = forSource();
    arguments.add(populate.toArgument());
    return arguments;
  }
}
