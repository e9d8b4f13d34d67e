package io.faultline.cli.help;

import java.util.List;

/** The headings under which {@code faultline --help} lists commands, in this order. */
public enum CommandGroup {
  MOVE("Move a VM", "demo", "source", "dest"),
  PROCESSES("Restore processes with CRIU", "lazy-pages", "page-server"),
  PAGING("Page memory larger than RAM", "pager"),
  SNAPSHOTS("Snapshots", "snapshot", "restore", "uffd-handler"),
  INSPECT("Inspect and prepare", "status", "control", "doctor", "keys"),
  TEST("Test and measure", "conformance", "races", "simulate", "bench");

  private final String heading;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> commands;

  CommandGroup(String heading, String... commands) {
    this.heading = heading;
    this.commands = List.of(commands);
  }

  public String heading() {
    return heading;
  }

  public List<String> commands() {
    return commands;
  }
}
