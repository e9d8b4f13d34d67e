package io.faultline.cli.bench.measure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The C floor: a minimal C program that does the work of a remote page fault and nothing else. */
public final class FloorProgram {
  private static final List<String> SOURCES =
      List.of("floor.h", "floor.c", "source.c", "destination.c");

  private static final List<String> COMPILER = List.of("gcc", "-O2", "-pthread");

  private final Path program;

  private FloorProgram(Path program) {
    this.program = program;
  }

  /**
   * Compiles it, and runs it once with 1 MiB to see that it works.
   *
   * @param directory where the program is put
   * @throws IOException if there is no compiler or no userfaultfd; the message says why
   */
  public static FloorProgram build(Path directory) throws IOException, InterruptedException {
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
    FloorProgram floor = new FloorProgram(program);
    floor.run("idle", 1 << 20, List.of());
    return floor;
  }

  /** The compiler and its options, human-readable. */
  public static String compiler() throws IOException, InterruptedException {
    String version =
        ProgramRunner.run(List.of("gcc", "--version")).lines().findFirst().orElse("gcc");
    return version + ", " + String.join(" ", COMPILER);
  }

  /**
   * Runs it.
   *
   * @param bytes memory, in whole MiB
   * @return the line that it printed
   */
  String run(String mode, long bytes, List<String> prefix)
      throws IOException, InterruptedException {
    return ProgramRunner.run(command(program.toString(), mode, bytes, prefix));
  }

  /** The command to run it by hand. */
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
    try (InputStream in = FloorProgram.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the source of the C floor is not in the jar: " + name);
      }
      Files.copy(in, to);
    }
  }
}
