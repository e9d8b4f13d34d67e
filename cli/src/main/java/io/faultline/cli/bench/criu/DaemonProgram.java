package io.faultline.cli.bench.criu;

import java.util.ArrayList;
import java.util.List;

/**
 * A program that has the commands {@code lazy-pages} and {@code page-server}: CRIU, or this
 * project.
 *
 * @param name human-readable
 * @param program the command to which {@code lazy-pages} or {@code page-server} is appended
 * @param options appended to every command
 */
public record DaemonProgram(String name, List<String> program, List<String> options) {
  /** CRIU's own. */
  public static DaemonProgram stock(StockPrograms programs) throws LabUnavailableException {
    return new DaemonProgram("CRIU", List.of(programs.program("criu").toString()), List.of("-v1"));
  }

  /** This project's. */
  public static DaemonProgram ofProject(List<String> launcher) {
    return new DaemonProgram("Faultline", launcher, List.of());
  }

  List<String> command(String verb, List<String> more) {
    List<String> command = new ArrayList<>(program);
    command.add(verb);
    command.addAll(more);
    command.addAll(List.of("--status-fd", HostCommand.STATUS_FD));
    command.addAll(options);
    return command;
  }
}
