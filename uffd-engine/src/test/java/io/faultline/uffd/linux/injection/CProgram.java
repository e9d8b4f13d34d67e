package io.faultline.uffd.linux.injection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Compiles programs of {@code src/test/c}. */
public final class CProgram {
  private CProgram() {}

  /**
   * Compiles a program, which any user may run then.
   *
   * @return its path; skips the test without a C compiler or on another architecture
   */
  public static Path compile(String name, Path directory) throws IOException, InterruptedException {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "the program is for x86-64");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc: apt-get install gcc");
    Path program = directory.resolve(name);
    Process gcc =
        new ProcessBuilder(
                "gcc", "-O1", "-pthread", "-o", program.toString(), "src/test/c/" + name + ".c")
            .redirectErrorStream(true)
            .start();
    String messages = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(gcc.waitFor()).as(messages).isZero();
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }
}
