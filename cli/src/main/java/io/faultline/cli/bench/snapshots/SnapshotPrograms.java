package io.faultline.cli.bench.snapshots;

import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.measure.ProgramRunner;
import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The C programs, compiled when a case first needs them, and the file that all cases write, in the
 * scratch directory of the run. Not thread-safe.
 */
public final class SnapshotPrograms {
  private static final List<String> COMPILER = List.of("gcc", "-O2", "-pthread");
  private static final List<String> SOURCES = List.of("writer.h", "writer.c", "snapshot-peer.c");

  /** Of a JVM, and of the results of a guest. */
  private static final long OVERHEAD_BYTES = 512L << 20;

  private final BenchEnvironment environment;

  public SnapshotPrograms(BenchEnvironment environment) {
    this.environment = environment;
  }

  Path scratch() {
    return environment.scratch();
  }

  long seed() {
    return environment.seed();
  }

  /** The program that saves the guest in other ways. */
  Path peer() throws IOException, InterruptedException, CannotRunException {
    return directory().resolve("snapshot-peer");
  }

  /** The guest as a library. */
  Path library() throws IOException, InterruptedException, CannotRunException {
    return directory().resolve("writer.so");
  }

  /** Checks that VMs of KVM can run here. */
  void requireKvm() throws CannotRunException {
    environment.requireKvm();
  }

  /**
   * A file that does not exist, on a file system that has nothing else to write.
   *
   * @param bytes of memory, which will be saved
   */
  Path prepare(long bytes) throws IOException, InterruptedException, CannotRunException {
    Path file = directory().resolve("saved");
    Files.deleteIfExists(file);
    requireSpace(bytes);
    requireMemory(bytes);
    ProgramRunner.run(List.of("sync"));
    return file;
  }

  private void requireSpace(long bytes) throws IOException, CannotRunException {
    long usable = Files.getFileStore(scratch()).getUsableSpace();
    if (usable < bytes + (bytes >> 3)) {
      throw new CannotRunException(
          "a snapshot of "
              + (bytes >> 20)
              + " MiB does not fit into "
              + scratch()
              + ", which has "
              + (usable >> 20)
              + " MiB: free some, use another java.io.tmpdir, or a smaller --ram");
    }
  }

  private void requireMemory(long bytes) throws CannotRunException {
    long available = environment.kernel().availableMemoryBytes();
    if (available < bytes + OVERHEAD_BYTES) {
      throw new CannotRunException(
          String.format(
              "a guest of %d MiB does not fit into %d MiB of available memory",
              bytes >> 20, available >> 20));
    }
  }

  private Path directory() throws IOException, InterruptedException, CannotRunException {
    if (!(environment.kernel() instanceof LinuxKernel)) {
      throw new CannotRunException("needs userfaultfd of the kernel: use --engine kernel");
    }
    Path directory = scratch().resolve("snapshots");
    if (!Files.exists(directory)) {
      compile(Files.createDirectory(directory));
    }
    return directory;
  }

  private static void compile(Path into)
      throws IOException, InterruptedException, CannotRunException {
    try {
      ProgramRunner.run(List.of("gcc", "--version"));
    } catch (IOException e) {
      throw new CannotRunException("gcc is not installed");
    }
    for (String name : SOURCES) {
      try (InputStream in = SnapshotPrograms.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IOException("the source " + name + " is not in the jar");
        }
        Files.copy(in, into.resolve(name));
      }
    }
    compile(into, "snapshot-peer", "snapshot-peer.c", "writer.c");
    compile(into, "writer.so", "-shared", "-fPIC", "writer.c");
  }

  private static void compile(Path into, String program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(COMPILER);
    command.addAll(List.of("-o", into.resolve(program).toString()));
    for (String argument : arguments) {
      command.add(argument.startsWith("-") ? argument : into.resolve(argument).toString());
    }
    ProgramRunner.run(command);
  }
}
