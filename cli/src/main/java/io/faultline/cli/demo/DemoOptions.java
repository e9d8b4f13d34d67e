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

  /**
   * Checks the options of a demo whose nodes are in one process.
   *
   * @throws UsageException if they do not combine
   */
  void checkForQemu(boolean chaos) {
    if (chaos || common.isEncrypted()) {
      throw new UsageException(
          "--chaos and TLS are not for demo --vm qemu yet; leave them out, or use another --vm");
    }
  }

  Duration rehearsal() {
    return common.rehearsal();
  }

  boolean isEncrypted() {
    return common.isEncrypted();
  }

  /** Arguments of the source. */
  List<String> forSource() {
    List<String> arguments = new ArrayList<>(common.toArguments(GIVE_UP));
    arguments.add("--guest-console");
    return arguments;
  }

  /** Arguments of the destination. */
  List<String> forDestination() {
    List<String> arguments = forSource();
    arguments.add(populate.toArgument());
    return arguments;
  }
}
