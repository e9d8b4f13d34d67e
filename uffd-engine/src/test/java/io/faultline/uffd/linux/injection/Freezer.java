package io.faultline.uffd.linux.injection;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A cgroup of its own for one process, which it freezes. Closing thaws it, and moves it back. */
final class Freezer implements AutoCloseable {
  private static final long DEADLINE_NANOS = 5_000_000_000L;

  private final Path parent;
  private final Path group;
  private final Path control;
  private final String frozen;
  private final String thawed;
  private final int pid;

  private Freezer(Path parent, String control, String frozen, String thawed, int pid)
      throws IOException {
    this.parent = parent;
    this.frozen = frozen;
    this.thawed = thawed;
    this.pid = pid;
    group = parent.resolve("faultline-test-" + pid);
    this.control = group.resolve(control);
    assumeTrue(Files.isWritable(parent), "needs root and " + parent);
    Files.createDirectory(group);
    Files.writeString(group.resolve("cgroup.procs"), String.valueOf(pid));
  }

  /** With the freezer of cgroup v1: skips the test where there is none. */
  static Freezer ofCgroup1(int pid) throws IOException {
    Path parent = Path.of("/sys/fs/cgroup/freezer");
    assumeTrue(Files.isDirectory(parent), "no " + parent);
    return new Freezer(parent, "freezer.state", "FROZEN", "THAWED", pid);
  }

  /** With that of cgroup v2: skips the test where there is none. */
  static Freezer ofCgroup2(int pid) throws IOException {
    Path whole = Path.of("/sys/fs/cgroup");
    Path parent = Files.exists(whole.resolve("cgroup.procs")) ? whole : whole.resolve("unified");
    assumeTrue(Files.exists(parent.resolve("cgroup.procs")), "no cgroup v2");
    return new Freezer(parent, "cgroup.freeze", "1", "0", pid);
  }

  void freeze() {
    set(frozen);
  }

  void thaw() {
    set(thawed);
  }

  private void set(String state) {
    try {
      Files.writeString(control, state);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    thaw();
    if (Files.exists(Path.of("/proc/" + pid))) {
      try {
        Files.writeString(parent.resolve("cgroup.procs"), String.valueOf(pid));
      } catch (IOException e) {
        // it has just ended
      }
    }
    long end = System.nanoTime() + DEADLINE_NANOS;
    while (!group.toFile().delete() && System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000); // it is busy until the process is gone
    }
  }
}
