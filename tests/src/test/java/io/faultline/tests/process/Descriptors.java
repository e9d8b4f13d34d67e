package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The open files of another process, and their limit. */
final class Descriptors {
  /** More than a node needs. */
  static final long USUAL = 1024;

  private Descriptors() {}

  /**
   * Sets the limit with prlimit; open files stay open. Has no effect on a process that has ended.
   */
  static void limit(long pid, long files) throws IOException, InterruptedException {
    String[] command = {"prlimit", "--pid", Long.toString(pid), "--nofile=" + files + ":"};
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.waitFor();
    assertThat(exit == 0 || output.contains("No such process")).as(output).isTrue();
  }

  /** What they are, such as {@code anon_inode:[userfaultfd]}. */
  static List<String> of(long pid) throws IOException {
    List<String> all = new ArrayList<>();
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      for (Path descriptor : open.toList()) {
        if (Files.isSymbolicLink(descriptor)) {
          all.add(Files.readSymbolicLink(descriptor).toString());
        }
      }
    }
    return all;
  }
}
