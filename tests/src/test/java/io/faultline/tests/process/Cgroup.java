package io.faultline.tests.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;

/** A cgroup of one test, removed when this is closed. */
record Cgroup(Path directory) implements AutoCloseable {
  /** Creates one; skips the test if this user may not. */
  static Cgroup create(Path parent) throws IOException {
    assumeTrue(Files.isWritable(parent), parent + " cannot be written");
    return new Cgroup(Files.createTempDirectory(parent, "faultline-test"));
  }

  /** The root of the unified hierarchy, with a controller; skips the test without it. */
  static Path unifiedRoot(String controller) throws IOException {
    Path root =
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .filter(line -> line.contains(" - cgroup2 "))
            .map(line -> Path.of(line.split(" ", -1)[4]))
            .findFirst()
            .orElse(Path.of("/nonexistent"));
    Path controllers = root.resolve("cgroup.controllers");
    List<String> here =
        Files.exists(controllers)
            ? Arrays.asList(Files.readString(controllers).strip().split(" ", -1))
            : List.of();
    assumeTrue(here.contains(controller), "cgroup v2 has no controller " + controller + " here");
    Path enabled = root.resolve("cgroup.subtree_control");
    assumeTrue(Files.isWritable(enabled), enabled + " cannot be written");
    if (!Files.readString(enabled).contains(controller)) {
      Files.writeString(enabled, "+" + controller);
    }
    return root;
  }

  /** A command that puts itself into the cgroup and executes the rest. */
  List<String> prefix() {
    return List.of(
        "sh", "-c", "echo $$ > " + directory.resolve("cgroup.procs") + " && exec \"$@\"", "sh");
  }

  void set(String file, long value) throws IOException {
    Files.writeString(directory.resolve(file), Long.toString(value));
  }

  /** The kernel needs a moment after the last process has ended. */
  @Override
  public void close() {
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(this::isRemoved);
  }

  private boolean isRemoved() {
    try {
      for (String process : Files.readAllLines(directory.resolve("cgroup.procs"))) {
        ProcessHandle.of(Long.parseLong(process)).ifPresent(ProcessHandle::destroyForcibly);
      }
      Files.delete(directory);
      return true;
    } catch (IOException e) {
      return !Files.exists(directory);
    }
  }
}
