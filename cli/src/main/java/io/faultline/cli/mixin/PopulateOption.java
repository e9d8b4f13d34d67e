package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.UsageException;
import io.faultline.dest.Populate;
import io.faultline.memory.Placement;
import picocli.CommandLine.Option;

/** Which guest memory a destination allocates before the VM is paused. */
@InGroup(OptionGroup.MEMORY)
public final class PopulateOption {
  @Option(
      names = "--populate",
      paramLabel = "WHAT",
      defaultValue = "huge",
      description =
          "Memory to allocate at the destination before the pause, with --place continue: none,"
              + " huge (huge pages), or all (default: ${DEFAULT-VALUE}).")
  private Populate populate = Populate.HUGE;

  public Populate populate() {
    return populate;
  }

  /**
   * Checks that the option can take effect.
   *
   * @throws UsageException if it cannot; the message has the remedy
   */
  public void check(Placement placement) {
    if (populate == Populate.ALL && placement == Placement.COPY) {
      throw new UsageException(
          "--populate all needs --place continue: UFFDIO_COPY cannot place a page that is already"
              + " present; leave it out, or use --place continue");
    }
  }

  /** The same option as an argument for another process. */
  public String toArgument() {
    return "--populate=" + populate;
  }
}
