package io.faultline.cli.bench.firecracker;

import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.measure.ProgramRunner;
import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The C programs, compiled when a case first needs them, and the memory file of the snapshot. All
 * are in the scratch directory of the run. Not thread-safe.
 */
public final class HandlerPrograms {
  private static final int MEMORY_MIB = 64;
  private static final int MIB = 1 << 20;
  private static final String MEMORY = "memory";

  private final BenchEnvironment environment;

  public HandlerPrograms(BenchEnvironment environment) {
    this.environment = environment;
  }

  boolean quick() {
    return environment.quick();
  }

  long seed() {
    return environment.seed();
  }

  /** The directory with the programs and the memory file. */
  Path directory() throws IOException, InterruptedException, CannotRunException {
    if (!(environment.kernel() instanceof LinuxKernel)) {
      throw new CannotRunException("needs userfaultfd of the kernel: use --engine kernel");
    }
    Path directory = environment.scratch().resolve("firecracker");
    if (!Files.exists(directory)) {
      requireProgram("gcc", "--version");
      requireProgram("taskset", "--version");
      Files.createDirectory(directory);
      compile(directory, "microvm");
      compile(directory, "handler-floor");
      write(directory.resolve(MEMORY));
    }
    return directory;
  }

  Path memory() throws IOException, InterruptedException, CannotRunException {
    return directory().resolve(MEMORY);
  }

  private static void requireProgram(String... command)
      throws InterruptedException, CannotRunException {
    try {
      String _ = ProgramRunner.run(List.of(command));
    } catch (IOException e) {
      throw new CannotRunException(command[0] + " is not installed");
    }
  }

  private static void compile(Path into, String name) throws IOException, InterruptedException {
    Path source = into.resolve(name + ".c");
    try (InputStream in = HandlerPrograms.class.getResourceAsStream(name + ".c")) {
      if (in == null) {
        throw new IOException("the source " + name + ".c is not in the jar");
      }
      Files.copy(in, source);
    }
    String _ =
        ProgramRunner.run(
            List.of("gcc", "-O2", "-pthread", "-o", into.resolve(name) + "", source + ""));
  }

  private void write(Path file) throws IOException {
    SplittableRandom random = new SplittableRandom(seed());
    byte[] part = new byte[MIB];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < MEMORY_MIB; i++) {
        random.nextBytes(part);
        out.write(part);
      }
    }
  }
}
