package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.measure.ProgramRunner;
import io.faultline.cli.options.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is compiled from C where the comparison runs, from sources in the jar.
 *
 * @param measured runs a program and measures it
 * @param shim umap's interface on our pager
 * @param randomMmap announces random accesses to the kernel
 */
record NativePrograms(Path measured, Path shim, Path randomMmap) {
  private static final List<String> COMPILER = List.of("gcc", "-O2", "-pthread");
  private static final List<String> LIBRARY = List.of("-shared", "-fPIC", "-fvisibility=hidden");

  /** Of the resources, and of the project. */
  private static final String CLIENT = "client";

  private static final Path CLIENT_SOURCES = Path.of("pager-node", "client");

  /**
   * Compiles them.
   *
   * @param directory where they are put
   * @throws UsageException if there is no gcc
   * @throws IOException if they cannot be compiled
   */
  static NativePrograms compile(Path directory) throws IOException, InterruptedException {
    try {
      String _ = ProgramRunner.run(List.of("gcc", "--version"));
    } catch (IOException e) {
      throw new UsageException("--umap: gcc is needed: " + e.getMessage());
    }
    Path measured = directory.resolve("measured");
    compile(measured, List.of(), List.of(own(directory, "measured.c")));
    Path random = directory.resolve("random_mmap.so");
    List<String> plain = List.of("-shared", "-fPIC");
    compile(random, plain, List.of(own(directory, "random_mmap.c")));
    Path shim = directory.resolve("libumap.so");
    List<String> options = new ArrayList<>(LIBRARY);
    options.add("-Wl,-soname,libumap.so"); // umap's is not loaded in addition
    Path header = client(directory, "faultline_pager.h");
    options.add("-I" + header.getParent());
    Path client = client(directory, "faultline_pager.c");
    compile(shim, options, List.of(client(directory, "umap/umap_shim.c"), client));
    return new NativePrograms(measured, shim, random);
  }

  private static void compile(Path to, List<String> options, List<Path> sources)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(COMPILER);
    command.addAll(options);
    command.addAll(List.of("-o", to.toString()));
    sources.forEach(source -> command.add(source.toString()));
    String _ = ProgramRunner.run(command);
  }

  private static Path own(Path directory, String name) throws IOException {
    try (InputStream in = NativePrograms.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("not in the jar: " + name);
      }
      Path copy = directory.resolve(name);
      Files.copy(in, copy);
      return copy;
    }
  }

  /** A file of the pager's client: from the jar, or from the project in which this runs. */
  private static Path client(Path directory, String name) throws IOException {
    Path fileName = Path.of(name).getFileName();
    try (InputStream in = NativePrograms.class.getResourceAsStream(CLIENT + "/" + name)) {
      if (in != null) {
        Path copy = directory.resolve(fileName);
        Files.copy(in, copy);
        return copy;
      }
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path source = at.resolve(CLIENT_SOURCES).resolve(name);
      if (Files.exists(source)) {
        return source;
      }
    }
    throw new IOException("neither in the jar nor in the project: " + name);
  }
}
