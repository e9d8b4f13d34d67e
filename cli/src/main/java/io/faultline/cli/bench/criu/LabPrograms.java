package io.faultline.cli.bench.criu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The lab's own programs in C, compiled from the sources in the jar.
 *
 * @param memoryServer a process of known contents that answers commands
 * @param lineClient connects to a server in its own network namespace
 * @param linkRelay a connection with a delay and a limited rate
 */
public record LabPrograms(Path memoryServer, Path lineClient, Path linkRelay) {
  /**
   * Compiles them.
   *
   * @param directory where they are put
   * @throws LabUnavailableException if there is no gcc
   * @throws IOException if they cannot be compiled
   */
  public static LabPrograms compile(Path directory)
      throws IOException, InterruptedException, LabUnavailableException {
    try {
      Commands.run(List.of("gcc", "--version"));
    } catch (IOException e) {
      throw new LabUnavailableException("gcc is not installed");
    }
    return new LabPrograms(
        compile(directory, "memory-server"),
        compile(directory, "line-client"),
        compile(directory, "link-relay"));
  }

  private static Path compile(Path directory, String name)
      throws IOException, InterruptedException {
    Path source = directory.resolve(name + ".c");
    Path program = directory.resolve(name);
    try (InputStream in = LabPrograms.class.getResourceAsStream(name + ".c")) {
      if (in == null) {
        throw new IOException("the source of " + name + " is not in the jar");
      }
      Files.copy(in, source);
    }
    Commands.run(List.of("gcc", "-O2", "-pthread", "-o", program.toString(), source.toString()));
    return program;
  }
}
