package io.faultline.cli.node;

import io.faultline.cli.options.UsageException;
import io.faultline.dest.Populate;
import io.faultline.memory.Placement;
import picocli.CommandLine.Option;

/** Which memory a destination takes before the VM is paused. */
final class PopulateOption {
  @Option(
      names = "--populate",
      paramLabel = "WHAT",
      defaultValue = "huge",
      description =
          "What memory the destination takes and clears before the VM is paused, where pages are"
              + " placed with continue: none, huge (pages), all (faster, and it needs all of the"
              + " VM's RAM) (default: ${DEFAULT-VALUE}).")
  private Populate which = Populate.HUGE;

  Populate which() {
    return which;
  }

  /**
   * Refuses what would have no effect.
   *
   * @throws UsageException with the remedy
   */
  void check(Placement placement) {
    if (which == Populate.ALL && placement == Placement.COPY) {
      throw new UsageException(
          "--populate all is for --place continue: pages that are copied into place must not be"
              + " there before; leave it out, or use --place continue");
    }
  }

  /** The same option as an argument for another process. */
  String toArgument() {
    return "--populate=" + which;
  }
}
