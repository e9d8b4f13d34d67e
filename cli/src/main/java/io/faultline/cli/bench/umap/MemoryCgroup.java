package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A cgroup with a limit of memory, of version 1 or 2, removed when it is closed and when this JVM
 * ends. The page cache that a program fills counts.
 */
public final class MemoryCgroup implements AutoCloseable {
  private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
  private static final String CONTROLLER = "memory";
  private static final int ATTEMPTS = 100;
  private static final long PAUSE_MILLIS = 50;

  private final Path directory;
  private final Thread hook = new Thread(this::removeOrGiveUp, "remove-cgroup");

  private MemoryCgroup(Path directory) {
    this.directory = directory;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Creates one.
   *
   * @throws CannotRunException if this machine has none, or this user may not
   */
  public static MemoryCgroup create(long limitBytes) throws CannotRunException {
    try {
      List<String> mounts = Files.readAllLines(MOUNTS);
      Optional<Path> version1 = mount(mounts, "cgroup", CONTROLLER);
      if (version1.isPresent()) {
        return create(version1.get(), "memory.limit_in_bytes", "memory.swappiness", limitBytes);
      }
      Optional<Path> version2 = mount(mounts, "cgroup2", "");
      if (version2.isPresent() && hasController(version2.get())) {
        return create(version2.get(), "memory.max", "memory.swap.max", limitBytes);
      }
      throw new CannotRunException("no cgroup with the memory controller here");
    } catch (IOException e) {
      throw new CannotRunException("no memory cgroup: " + e + "; it needs root");
    }
  }

  private static boolean hasController(Path root) throws IOException {
    String enabled = Files.readString(root.resolve("cgroup.subtree_control")).strip();
    return Arrays.asList(enabled.split(" ", -1)).contains(CONTROLLER);
  }

  private static Optional<Path> mount(List<String> mounts, String type, String option) {
    for (String line : mounts) {
      String[] sides = line.split(" - ", 2);
      String[] after = sides.length == 2 ? sides[1].split(" ", -1) : new String[0];
      if (after.length == 3
          && after[0].equals(type)
          && (option.isEmpty() || Arrays.asList(after[2].split(",", -1)).contains(option))) {
        return Optional.of(Path.of(sides[0].split(" ", -1)[4]));
      }
    }
    return Optional.empty();
  }

  private static MemoryCgroup create(Path parent, String limit, String swap, long limitBytes)
      throws IOException {
    MemoryCgroup cgroup = new MemoryCgroup(Files.createTempDirectory(parent, "faultline-bench"));
    try {
      cgroup.write(limit, limitBytes);
      if (Files.exists(cgroup.directory.resolve(swap))) {
        cgroup.write(swap, 0);
      }
      return cgroup;
    } catch (IOException e) {
      cgroup.close();
      throw e;
    }
  }

  private void write(String file, long value) throws IOException {
    Files.writeString(directory.resolve(file), Long.toString(value));
  }

  /** Processes enter it by its file {@code cgroup.procs}. */
  public Path directory() {
    return directory;
  }

  /** The kernel needs a moment after the last process has ended. */
  private void removeOrGiveUp() {
    for (int i = 0; i < ATTEMPTS; i++) {
      try {
        Files.deleteIfExists(directory);
        return;
      } catch (IOException e) {
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    removeOrGiveUp();
    try {
      boolean _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the JVM is exiting: the hook is running or has run
    }
  }
}
