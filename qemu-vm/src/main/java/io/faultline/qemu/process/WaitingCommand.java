package io.faultline.qemu.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The command line of a QEMU that waits for a guest, made of the one that the user gave. Immutable,
 * thread-safe.
 *
 * @param program the executable file
 * @param arguments with the program's name as the first
 */
record WaitingCommand(Path program, List<String> arguments) {
  private static final List<String> ADDED = List.of("-incoming", "-S");

  /**
   * Completes a command line: QEMU waits for a guest, and its monitor listens.
   *
   * @param given the program, which the PATH may find, and its arguments
   * @param path directories of programs, separated by colons
   * @param monitor for the socket
   * @throws IOException if there is no such program, or the command line already says what QEMU is
   *     to wait for; the message is for the user
   */
  static WaitingCommand of(List<String> given, String path, Path monitor) throws IOException {
    for (String each : given.subList(1, given.size())) {
      String option = each.startsWith("--") ? each.substring(1) : each;
      if (ADDED.contains(option)) {
        throw new IOException(
            "the command line of QEMU has " + each + ", which is added to it: leave it out");
      }
    }
    List<String> all = new ArrayList<>(given);
    all.addAll(List.of("-incoming", "defer", "-S"));
    all.addAll(List.of("-qmp", "unix:" + QemuCommand.value(monitor) + ",server=on,wait=off"));
    return new WaitingCommand(find(given.getFirst(), path), List.copyOf(all));
  }

  private static Path find(String program, String path) throws IOException {
    if (program.contains("/")) {
      return Optional.of(Path.of(program).toAbsolutePath())
          .filter(QemuProgram::isProgram)
          .orElseThrow(() -> new IOException(program + " is no program that can be executed"));
    }
    return QemuProgram.find(program, path)
        .orElseThrow(
            () ->
                new IOException(
                    program
                        + " is not in the PATH: install QEMU, or give the path of the program"));
  }
}
