package io.faultline.restore.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.faultline.uffd.linux.ChildProcess;
import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Restored processes wait while there is no daemon, and never see a page of zeros. */
@Timeout(120)
class HoldTest {
  private static final int SERVED = 20;
  private static final int KILLED = 128 + 9;

  @TempDir private Path directory;
  private RestoredChild child;
  private Process daemon;
  private int forked;

  @BeforeEach
  void restore() throws Exception {
    child = new RestoredChild();
    child.writeImages(directory);
    daemon = DaemonProgram.start(directory, OnFailure.HOLD, child.address(), SERVED);
    child.restore(directory);
    await().until(() -> child.rightPages() == SERVED);
    ProcessTable table = new ProcessTable();
    await().until(() -> table.children(child.pid()).size() == 1);
    forked = table.children(child.pid()).getFirst();
  }

  @AfterEach
  void end() throws Exception {
    kill();
    try (PidFd process = PidFd.open(forked)) {
      if (process != null) {
        process.sendSignal(PidFd.SIGKILL);
      }
    }
    child.close();
    for (PidFd holder : StateDirectory.of(directory).holders()) {
      holder.sendSignal(PidFd.SIGKILL);
      holder.close();
    }
  }

  private void kill() throws InterruptedException {
    daemon.destroyForcibly();
    daemon.waitFor();
  }

  private void takeOver(int pages) throws Exception {
    daemon = DaemonProgram.takeOver(directory, child.address(), pages);
    assertThat(daemon.inputReader().readLine()).isEqualTo("ready");
  }

  private void assertCompleted() throws Exception {
    assertThat(daemon.inputReader().readLine()).isEqualTo("COMPLETED ");
    await().until(() -> child.rightPages() == child.readPages());
    child.checkMemory(child.pid());
    child.checkMemory(forked);
    assertThat(child.process().poll()).isEqualTo(ChildProcess.RUNNING);
    assertThat(directory.resolve("lazy-pages.state")).doesNotExist();
  }

  @Test
  void anotherDaemonTakesOverAfterTheFirstWasKilled() throws Exception {
    List<PidFd> holders = StateDirectory.of(directory).holders();
    assertThat(holders).as("one for each process, and the queue").hasSize(3);
    kill();
    assertThat(child.process().poll()).isEqualTo(ChildProcess.RUNNING);
    assertThat(HeldProcesses.in(directory)).as("who waits").containsExactly(child.pid());
    takeOver(RestoredChild.PAGES);
    assertCompleted();
    assertThat(holders).allMatch(PidFd::hasExited);
    holders.forEach(PidFd::close);
  }

  @Test
  void daemonThatTookOverMayBeKilledToo() throws Exception {
    kill();
    takeOver(SERVED + 5);
    await().until(() -> child.rightPages() == SERVED + 5);
    kill();
    takeOver(RestoredChild.PAGES);
    assertCompleted();
  }

  @Test
  void daemonThatFailsLeavesTheProcesses() throws Exception {
    daemon.outputWriter().write("cancel\n");
    daemon.outputWriter().flush();
    assertThat(daemon.inputReader().readLine()).isEqualTo("FAILED told to");
    assertThat(daemon.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(child.process().poll()).isEqualTo(ChildProcess.RUNNING);
    assertThat(child.rightPages()).isEqualTo(SERVED);
    takeOver(RestoredChild.PAGES);
    assertCompleted();
  }

  /** Two readers of the same userfaultfds would each know half of the events. */
  @Test
  void daemonThatStillRunsIsNotReplaced() throws Exception {
    Process second = DaemonProgram.takeOver(directory, child.address(), RestoredChild.PAGES);
    assertThat(second.inputReader().readLine())
        .startsWith("refused: the earlier lazy-pages (process " + daemon.pid() + ") still runs");
    assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(child.rightPages()).isEqualTo(SERVED);
    kill();
    takeOver(RestoredChild.PAGES);
    assertCompleted();
  }

  /** Its last userfaultfd was closed: it has pages of zeros. */
  @Test
  void lostHolderEndsTheProcesses() throws Exception {
    kill();
    for (PidFd holder : StateDirectory.of(directory).holders()) {
      holder.sendSignal(PidFd.SIGKILL);
      await().until(holder::hasExited);
      holder.close();
    }
    daemon = DaemonProgram.takeOver(directory, child.address(), RestoredChild.PAGES);
    assertThat(daemon.inputReader().readLine())
        .startsWith("refused: the holder of process " + child.pid())
        .endsWith("all its processes were killed: restore again");
    await().until(() -> child.process().poll() == KILLED);
    assertThat(directory.resolve("lazy-pages.state")).doesNotExist();
  }

  @Test
  void secondRestoreIsRefusedWhileProcessesWait() throws InterruptedException {
    kill();
    assertThatThrownBy(() -> StateDirectory.create(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("continue with --take-over");
  }
}
