package io.faultline.restore.outcome;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A control group of the freezer of cgroup v1, with one process. */
final class FrozenCgroup implements AutoCloseable {
  private static final Path FREEZER = Path.of("/sys/fs/cgroup/freezer");
  private static final String STATE = "freezer.state";

  private final Path directory;
  private final int pid;

  private FrozenCgroup(Path directory, int pid) {
    this.directory = directory;
    this.pid = pid;
  }

  /** Freezes a process; skips the test where that is not possible. */
  static FrozenCgroup create(int pid) throws IOException {
    assumeTrue(Files.exists(FREEZER.resolve("tasks")), "no freezer of cgroup v1");
    assumeTrue(Files.isWritable(FREEZER), "control groups need root");
    Path directory = Files.createDirectory(FREEZER.resolve("faultline-test-" + pid));
    FrozenCgroup cgroup = new FrozenCgroup(directory, pid);
    cgroup.moveTo(directory);
    cgroup.set("FROZEN");
    await().until(() -> Files.readString(directory.resolve(STATE)).strip().equals("FROZEN"));
    return cgroup;
  }

  private void moveTo(Path group) throws IOException {
    Files.writeString(group.resolve("cgroup.procs"), Integer.toString(pid));
  }

  private void set(String state) throws IOException {
    Files.writeString(directory.resolve(STATE), state);
  }

  /** Lets the process run, or exit. */
  void thaw() throws IOException {
    set("THAWED");
  }

  @Override
  public void close() throws IOException {
    thaw();
    try {
      moveTo(FREEZER);
    } catch (IOException e) {
      // it has exited
    }
    await().ignoreException(IOException.class).until(() -> Files.deleteIfExists(directory));
  }
}
