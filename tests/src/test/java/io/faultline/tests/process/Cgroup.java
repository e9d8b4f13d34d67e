package io.faultline.tests.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup of one test, removed when this is closed.
 *
 * @param enabledIn the parent's {@code cgroup.subtree_control} if it got the controller for this
 *     test; null if it had it
 */
record Cgroup(Path directory, String controller, @Nullable Path enabledIn)
    implements AutoCloseable {
  private static final Path MEMORY_V1 = Path.of("/sys/fs/cgroup/memory");

  /** Creates one of version 1 with the memory controller; skips the test if this user may not. */
  static Cgroup ofMemory() throws IOException {
    assumeTrue(Files.isWritable(MEMORY_V1.resolve("tasks")), "no writable cgroup v1 for memory");
    return create(MEMORY_V1, "memory", null);
  }

  /**
   * Creates one of version 2 with a controller; skips the test without it. Changes the root while
   * it exists, so the test must run alone.
   */
  static Cgroup unified(String controller) throws IOException {
    Path root = unifiedRoot(controller);
    Path enabled = root.resolve("cgroup.subtree_control");
    assumeTrue(Files.isWritable(enabled), enabled + " cannot be written");
    if (words(enabled).contains(controller)) {
      return create(root, controller, null);
    }
    Files.writeString(enabled, "+" + controller);
    return create(root, controller, enabled);
  }

  private static Cgroup create(Path parent, String controller, @Nullable Path enabledIn)
      throws IOException {
    return new Cgroup(Files.createTempDirectory(parent, "faultline-test"), controller, enabledIn);
  }

  private static Path unifiedRoot(String controller) throws IOException {
    Path root =
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .filter(line -> line.contains(" - cgroup2 "))
            .map(line -> Path.of(line.split(" ", -1)[4]))
            .findFirst()
            .orElse(Path.of("/nonexistent"));
    Path controllers = root.resolve("cgroup.controllers");
    boolean has = Files.exists(controllers) && words(controllers).contains(controller);
    assumeTrue(has, "cgroup v2 has no controller " + controller + " here");
    return root;
  }

  private static List<String> words(Path file) throws IOException {
    return Arrays.asList(Files.readString(file).strip().split(" ", -1));
  }

  /** A command that puts itself into the cgroup and executes the rest. */
  List<String> prefix() {
    return List.of(
        "sh", "-c", "echo $$ > " + directory.resolve("cgroup.procs") + " && exec \"$@\"", "sh");
  }

  void set(String file, long value) throws IOException {
    Files.writeString(directory.resolve(file), Long.toString(value));
  }

  long get(String file) throws IOException {
    return Long.parseLong(Files.readString(directory.resolve(file)).strip());
  }

  /** The kernel needs a moment after the last process has ended. */
  @Override
  public void close() throws IOException {
    try {
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(this::isRemoved);
    } finally {
      if (enabledIn != null) {
        Files.writeString(enabledIn, "-" + controller);
      }
    }
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
