package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compiles C programs that use the client of the pager. */
final class CPrograms {
  /** Programs of the tests. */
  static final Path SOURCES = Path.of("src", "test", "c").toAbsolutePath();

  /** A program with Firecracker's protocol, and a handler. */
  static final Path FIRECRACKER =
      Path.of("../cli/src/main/resources/io/faultline/cli/bench/firecracker")
          .toAbsolutePath()
          .normalize();

  /** The client's source and header. */
  static final Path CLIENT = Path.of("..", "pager-node", "client").toAbsolutePath().normalize();

  private static final Path GCC = Path.of("/usr/bin/gcc");

  private CPrograms() {}

  /** Skips the test without gcc. */
  static void requireGcc() {
    assumeTrue(Files.isExecutable(GCC), "needs gcc: apt-get install gcc");
  }

  /** Compiles a program of the tests with the client; skips the test without gcc. */
  static Path withClient(Path directory, Path source) throws IOException, InterruptedException {
    return compile(
        directory.resolve(name(source)),
        List.of("-I" + CLIENT),
        List.of(source, CLIENT.resolve("faultline_pager.c")));
  }

  /** Compiles umap's interface on the pager as a library; skips the test without gcc. */
  static Path umapLibrary(Path directory) throws IOException, InterruptedException {
    return compile(
        directory.resolve("libumap.so"),
        List.of("-shared", "-fPIC", "-fvisibility=hidden", "-Wl,-soname,libumap.so", "-I" + CLIENT),
        List.of(CLIENT.resolve("umap/umap_shim.c"), CLIENT.resolve("faultline_pager.c")));
  }

  /** Compiles files with every warning as an error; skips the test without gcc. */
  static Path compile(Path to, List<String> options, List<Path> inputs)
      throws IOException, InterruptedException {
    requireGcc();
    List<String> command = new ArrayList<>(List.of(GCC.toString(), "-O2", "-pthread"));
    command.addAll(List.of("-Wall", "-Wextra", "-Werror", "-o", to.toString()));
    command.addAll(options);
    inputs.forEach(input -> command.add(input.toString()));
    Process gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
    String messages = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(gcc.waitFor()).as(messages).isZero();
    return to;
  }

  private static String name(Path source) {
    return source.getFileName().toString().replaceFirst("\\.c$", "");
  }
}
