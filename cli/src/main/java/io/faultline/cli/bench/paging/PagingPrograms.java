package io.faultline.cli.bench.paging;

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
 * The C programs, compiled when a case first needs them, and the files that are paged. Every system
 * uses the same files, so that none has an advantage by the way the file system laid them out. All
 * are in the scratch directory of the run. Not thread-safe.
 */
public final class PagingPrograms {
  private static final List<String> COMPILER = List.of("gcc", "-O2", "-pthread");
  private static final List<String> SOURCES =
      List.of(
          "workload.h",
          "workload.c",
          "pager-floor.h",
          "pager-floor.c",
          "paging-peer.c",
          "evict-floor.c");

  private final BenchEnvironment environment;

  public PagingPrograms(BenchEnvironment environment) {
    this.environment = environment;
  }

  Path scratch() {
    return environment.scratch();
  }

  /** Whether a first look is enough. */
  boolean quick() {
    return environment.quick();
  }

  long seed() {
    return environment.seed();
  }

  /** The program that runs workloads on the other systems. */
  Path peer() throws IOException, InterruptedException, CannotRunException {
    return directory().resolve("paging-peer");
  }

  /** The program that evicts pages without a store. */
  Path evictFloor() throws IOException, InterruptedException, CannotRunException {
    return directory().resolve("evict-floor");
  }

  /** The workloads as a library. */
  Path library() throws IOException, InterruptedException, CannotRunException {
    return directory().resolve("workload.so");
  }

  /**
   * A file of a size, none of which is in the page cache.
   *
   * @param name whether it is the same file as in another case
   */
  Path store(String name, long bytes) throws IOException, InterruptedException, CannotRunException {
    Path file = directory().resolve(name + "-" + bytes);
    if (!Files.exists(file)) {
      requireSpace(bytes);
      run(peer().toString(), "prepare", file.toString(), Long.toString(bytes));
    }
    run(peer().toString(), "uncache", file.toString());
    return file;
  }

  private void requireSpace(long bytes) throws IOException, CannotRunException {
    long usable = Files.getFileStore(scratch()).getUsableSpace();
    if (usable < bytes + (bytes >> 3)) {
      throw new CannotRunException(
          "a store of "
              + (bytes >> 20)
              + " MiB does not fit into "
              + scratch()
              + ", which has "
              + (usable >> 20)
              + " MiB: free some, use another java.io.tmpdir, or a smaller --ram");
    }
  }

  static void run(String... command) throws IOException, InterruptedException {
    ProgramRunner.run(List.of(command));
  }

  private Path directory() throws IOException, InterruptedException, CannotRunException {
    if (!(environment.kernel() instanceof LinuxKernel)) {
      throw new CannotRunException("needs userfaultfd of the kernel: use --engine kernel");
    }
    Path directory = scratch().resolve("paging");
    if (!Files.exists(directory)) {
      compile(Files.createDirectory(directory));
    }
    return directory;
  }

  private static void compile(Path into)
      throws IOException, InterruptedException, CannotRunException {
    try {
      run("gcc", "--version");
    } catch (IOException e) {
      throw new CannotRunException("gcc is not installed");
    }
    for (String name : SOURCES) {
      try (InputStream in = PagingPrograms.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IOException("the source " + name + " is not in the jar");
        }
        Files.copy(in, into.resolve(name));
      }
    }
    compile(into, "paging-peer", "paging-peer.c", "pager-floor.c", "workload.c");
    compile(into, "evict-floor", "evict-floor.c");
    compile(into, "workload.so", "-shared", "-fPIC", "workload.c");
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
