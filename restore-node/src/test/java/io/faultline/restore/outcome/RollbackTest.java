package io.faultline.restore.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.linux.ChildProcess;
import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Restored processes are killed before anybody sees a page of zeros, whatever ends the daemon. */
@Timeout(120)
class RollbackTest {
  private static final int SERVED = 20;
  private static final int KILLED = 128 + 9;

  /** Killing takes a few milliseconds. */
  private static final long NOT_YET_MILLIS = 400;

  @TempDir private Path directory;
  private RestoredChild child;
  private Process daemon;

  @BeforeEach
  void restore() throws Exception {
    child = new RestoredChild();
    child.writeImages(directory);
    daemon = DaemonProgram.start(directory, OnFailure.ROLLBACK, child.address(), SERVED);
    child.restore(directory);
    await().until(() -> child.rightPages() == SERVED);
  }

  @AfterEach
  void end() throws InterruptedException {
    daemon.destroyForcibly();
    daemon.waitFor();
    child.close();
    await().untilAsserted(this::assertNothingIsLeft); // the guard needs the directory
  }

  @Test
  void failureKillsTheProcessAndItsChild() throws Exception {
    try (PidFd forked = forkedChild()) {
      daemon.outputWriter().write("cancel\n");
      daemon.outputWriter().flush();
      assertThat(daemon.inputReader().readLine()).isEqualTo("FAILED told to");
      assertThat(forked.hasExited()).isTrue();
      assertThat(child.process().poll()).isEqualTo(KILLED);
    }
    assertThat(child.rightPages()).isEqualTo(SERVED);
    assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertNothingIsLeft();
  }

  /**
   * Without one, its last userfaultfd would be closed with the daemon, before the guard kills it.
   */
  @Test
  void eachProcessThatMissesPagesHasAHolder() {
    try (PidFd _ = forkedChild()) {
      await().until(() -> holdersOfUserfaultfds() == 2);
    }
  }

  private long holdersOfUserfaultfds() throws IOException {
    ProcessTable table = new ProcessTable();
    return Files.readAllLines(directory.resolve("lazy-pages.state/holders")).stream()
        .map(line -> Integer.parseInt(line.split("\t", -1)[0]))
        .filter(pid -> "anon_inode:[userfaultfd]".equals(table.link(pid, "fd/3")))
        .count();
  }

  /** A frozen process of cgroup v1 handles no SIGKILL, like one that waits for a device. */
  @Test
  void daemonWaitsForAProcessThatCannotExit() throws Exception {
    try (FrozenCgroup cgroup = FrozenCgroup.create(child.pid())) {
      daemon.outputWriter().write("cancel\n");
      daemon.outputWriter().flush();
      Thread.sleep(NOT_YET_MILLIS);
      assertThat(daemon.getInputStream().available()).as("bytes about its end").isZero();
      assertThat(child.process().poll()).isEqualTo(ChildProcess.RUNNING);
      assertThat(directory.resolve("lazy-pages.state")).exists();
      cgroup.thaw();
      assertThat(daemon.inputReader().readLine()).isEqualTo("FAILED told to");
      assertThat(child.process().poll()).isEqualTo(KILLED);
    }
  }

  @Test
  void guardWaitsForAProcessThatCannotExit() throws Exception {
    List<PidFd> holders = StateDirectory.of(directory).holders();
    try (FrozenCgroup cgroup = FrozenCgroup.create(child.pid())) {
      daemon.destroyForcibly();
      Thread.sleep(NOT_YET_MILLIS);
      assertThat(holders).as("holders of its memory").isNotEmpty().noneMatch(PidFd::hasExited);
      cgroup.thaw();
      await().until(() -> child.process().poll() == KILLED);
      await().until(() -> holders.stream().allMatch(PidFd::hasExited));
    }
    holders.forEach(PidFd::close);
  }

  @Test
  void guardKillsThemWhenTheDaemonIsKilled() throws Exception {
    try (PidFd forked = forkedChild()) {
      daemon.destroyForcibly();
      await().until(() -> child.process().poll() == KILLED);
      await().until(forked::hasExited);
    }
    assertThat(child.rightPages()).isEqualTo(SERVED);
    await().untilAsserted(this::assertNothingIsLeft);
    assertThat(directory.resolve("lazy-pages.rollback"))
        .content()
        .contains("killed the restored processes: " + child.pid() + ":");
  }

  /** Nobody knows the child by its parent any more, and no search had found it before. */
  @Test
  void childWithAnotherParentIsFoundByItsMissingPages() throws Exception {
    try (RestoredProcesses processes = new RestoredProcesses(found -> {});
        PidFd forked = forkedChild()) {
      processes.addTask((int) ProcessHandle.current().pid(), child.pid(), child.layout());
      assertThat(processes.addOrphans()).as("a child whose parent lives").isFalse();
      child.process().close();
      assertThat(processes.addDescendants()).isFalse();
      assertThat(processes.living()).isEmpty();
      assertThat(processes.addOrphans()).isTrue();
      assertThat(processes.living()).singleElement().matches(it -> it.pid() == forked.pid());
      processes.kill();
      await().until(forked::hasExited);
      assertThat(processes.living()).isEmpty();
    }
  }

  /** A restore does not wait for the daemon: on a busy machine CRIU has exited before. */
  @Test
  void taskOfACriuThatHasExitedIsFoundByItsMemory() throws Exception {
    int exited = exitedPid();
    try (RestoredProcesses processes = new RestoredProcesses(found -> {})) {
      assertThat(processes.addTask(exited, child.pid(), child.layout()).pid())
          .isEqualTo(child.pid());
      long elsewhere = 16 * RestoredChild.PAGE; // below all mappings
      DumpLayout other = new DumpLayout(1, new long[] {elsewhere}, new long[] {1});
      assertThatThrownBy(() -> processes.addTask(exited, child.pid(), other))
          .hasMessageContaining("not found");
      int complete = (int) daemon.pid(); // it misses no pages
      assertThatThrownBy(() -> processes.addTask(exited, complete, child.layout()))
          .hasMessageContaining("not found");
    }
  }

  private static int exitedPid() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    return (int) process.pid();
  }

  private PidFd forkedChild() {
    ProcessTable table = new ProcessTable();
    await().until(() -> table.children(child.pid()).size() == 1);
    PidFd opened = PidFd.open(table.children(child.pid()).getFirst());
    assertThat(opened).isNotNull();
    return opened;
  }

  private void assertNothingIsLeft() {
    assertThat(directory.resolve("lazy-pages.state")).doesNotExist();
  }
}
