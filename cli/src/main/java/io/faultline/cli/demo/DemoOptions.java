package io.faultline.cli.demo;

import io.faultline.cli.mixin.CommonNodeOptions;
import io.faultline.cli.mixin.PopulateOption;
import io.faultline.cli.options.UsageException;
import io.faultline.memory.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;

/** Options that a demo passes to its nodes, besides those of the VM and of the migration. */
final class DemoOptions {
  /** On one machine, a peer that is lost for this long does not come back. */
  private static final Duration GIVE_UP = Duration.ofMinutes(1);

  @Mixin private CommonNodeOptions common = new CommonNodeOptions();
  @Mixin private PopulateOption populate = new PopulateOption();

  /**
   * Checks the options before anything starts.
   *
   * @throws UsageException if they do not combine
   */
  void check(Placement placement) {
    populate.check(placement);
    common.security("source", "--to", List.of());
    common.security("dest", "--listen", List.of());
  }

  boolean isEncrypted() {
    return common.isEncrypted();
  }

  /** Arguments of the source. */
  List<String> forSource() {
    List<String> arguments = forSourceOfQemu();
    arguments.add("--guest-console");
    return arguments;
  }

  /** Arguments of the destination. */
  List<String> forDestination() {
    List<String> arguments = forDestinationOfQemu();
    arguments.add("--guest-console");
    return arguments;
  }

  /** Arguments of the source of a guest whose console QEMU has. */
  List<String> forSourceOfQemu() {
    return new ArrayList<>(common.toArguments(GIVE_UP));
  }

  /** Arguments of a destination that takes over from one that was killed. */
  List<String> forTakeOver() {
    return forSourceOfQemu();
  }

  /** Arguments of the destination of such a guest. */
  List<String> forDestinationOfQemu() {
    List<String> arguments = forSourceOfQemu();
    arguments.add(populate.toArgument());
    return arguments;
  }
}
