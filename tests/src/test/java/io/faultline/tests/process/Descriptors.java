package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** How many files another process may have open, by prlimit. */
final class Descriptors {
  /** More than a node needs, and than the least that systems allow. */
  static final long USUAL = 1024;

  private Descriptors() {}

  /** Changes the limit; what is open stays so. Does nothing to a process that has ended. */
  static void limit(long pid, long most) throws IOException, InterruptedException {
    String[] command = {"prlimit", "--pid", Long.toString(pid), "--nofile=" + most + ":"};
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.waitFor();
    assertThat(exit == 0 || said.contains("No such process")).as(said).isTrue();
  }
}
