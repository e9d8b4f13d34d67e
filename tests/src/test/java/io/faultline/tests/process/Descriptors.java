package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Limits the number of open files of another process, with prlimit. */
final class Descriptors {
  /** More than a node needs. */
  static final long USUAL = 1024;

  private Descriptors() {}

  /** Sets the limit; open files stay open. Has no effect on a process that has ended. */
  static void limit(long pid, long files) throws IOException, InterruptedException {
    String[] command = {"prlimit", "--pid", Long.toString(pid), "--nofile=" + files + ":"};
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.waitFor();
    assertThat(exit == 0 || output.contains("No such process")).as(output).isTrue();
  }
}
