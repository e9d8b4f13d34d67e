package io.faultline.cli.help;

/** The headings under which help and docs/command-line.md list options, in this order. */
public enum OptionGroup {
  PROCESSES("As CRIU's"),
  VM("The VM"),
  MEMORY("Memory and placement"),
  MIGRATION("The migration"),
  NETWORK("Network and security"),
  RECOVERY("Failures and recovery"),
  OUTPUT("Output"),
  EXPERIMENTS("Experiments and measurements"),
  /** Options without {@link InGroup}. */
  OTHER("Other options");

  private final String heading;

  OptionGroup(String heading) {
    this.heading = heading;
  }

  public String heading() {
    return heading;
  }
}
