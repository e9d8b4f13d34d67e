package io.faultline.cli.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The C program that does the same as a remote page fault with nothing around it. */
final class Floor {
  private static final List<String> SOURCES =
      List.of("floor.h", "floor.c", "source.c", "destination.c");

  private static final List<String> COMPILER = List.of("gcc", "-O2", "-pthread");

  private final Path program;

  private Floor(Path program) {
    this.program = program;
  }

  /**
   * Compiles it, and lets it run for a moment.
   *
   * @param directory that gets the program and, for a moment, its source
   * @throws IOException with the reason, where there is no compiler or no userfaultfd
   */
  static Floor build(Path directory) throws IOException, InterruptedException {
    Path sources = Files.createDirectory(directory.resolve("floor-source"));
    Path program = directory.resolve("floor");
    List<String> command = new ArrayList<>(COMPILER);
    command.addAll(List.of("-o", program.toString()));
    try {
      for (String name : SOURCES) {
        Path file = sources.resolve(name);
        copy(name, file);
        if (name.endsWith(".c")) {
          command.add(file.toString());
        }
      }
      ProgramRunner.run(command);
    } finally {
      for (String name : SOURCES) {
        Files.deleteIfExists(sources.resolve(name));
      }
      Files.delete(sources);
    }
    Floor floor = new Floor(program);
    floor.run("idle", 1 << 20, List.of());
    return floor;
  }

  /** What it was built with, for people. */
  static String compiler() throws IOException, InterruptedException {
    String version =
        ProgramRunner.run(List.of("gcc", "--version")).lines().findFirst().orElse("gcc");
    return version + ", " + String.join(" ", COMPILER);
  }

  /**
   * Runs it.
   *
   * @param bytes whole MiB
   * @return the line that it prints
   */
  String run(String mode, long bytes, List<String> prefix)
      throws IOException, InterruptedException {
    return ProgramRunner.run(command(program.toString(), mode, bytes, prefix));
  }

  /** As a person would start it. */
  List<String> command(String mode, long bytes, List<String> prefix) {
    return command("floor", mode, bytes, prefix);
  }

  private static List<String> command(
      String program, String mode, long bytes, List<String> prefix) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(program, mode, Long.toString(bytes >> 20)));
    return command;
  }

  private static void copy(String name, Path to) throws IOException {
    try (InputStream in = Floor.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the floor's source is not in the jar: " + name);
      }
      Files.copy(in, to);
    }
  }
}
