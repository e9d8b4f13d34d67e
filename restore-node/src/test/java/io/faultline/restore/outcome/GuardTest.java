package io.faultline.restore.outcome;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.uffd.linux.process.DetachedProcess;
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

/** What a guard does when its daemon has ended without a word, by what the state says. */
@Timeout(120)
class GuardTest {
  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init") // set before each test
  private StateDirectory state;

  @SuppressWarnings("NullAway.Init") // set before each test
  private SourceFiles source;

  @SuppressWarnings("NullAway.Init") // set before each test
  private DetachedProcess restored;

  @SuppressWarnings("NullAway.Init") // set before each test
  private PidFd process;

  @BeforeEach
  void start() throws IOException {
    state = StateDirectory.create(directory);
    source = new SourceFiles(state.path());
    restored = DetachedProcess.start(Path.of("/bin/sleep"), List.of("sleep", "60"));
    process = requireNonNull(PidFd.open(restored.pid()));
    ProcessTable table = new ProcessTable();
    try (RestoredProcess known =
        RestoredProcess.open(table, requireNonNull(table.find(restored.pid())))) {
      state.addProcess(requireNonNull(known));
    }
  }

  @AfterEach
  void end() {
    process.close();
    restored.close();
  }

  /** A guard whose daemon ends; returns once the guard has ended too. */
  private void endDaemon() throws IOException {
    Guard guard = Guard.start(state);
    awaitEnd(guard);
  }

  private void awaitEnd(Guard guard) throws IOException {
    List<PidFd> guards = state.guards();
    guard.leave();
    for (PidFd each : guards) {
      await().until(each::hasExited);
      each.close();
    }
  }

  private String log() throws IOException {
    return Files.readString(directory.resolve("lazy-pages.rollback"));
  }

  @Test
  void killsTheProcessesAndDeletesTheState() throws IOException {
    endDaemon();
    assertThat(process.hasExited()).isTrue();
    assertThat(log()).contains("killed the restored processes: " + restored.pid() + ":");
    assertThat(state.exists()).isFalse();
  }

  /** It is no orphan that could be found by its program. */
  @Test
  void killsDescendantsThatRunAnotherProgram() throws IOException {
    List<String> arguments = List.of("sh", "-c", "sleep 60 & wait");
    ProcessTable table = new ProcessTable();
    try (DetachedProcess parent = DetachedProcess.start(Path.of("/bin/sh"), arguments)) {
      await().until(() -> table.children(parent.pid()).size() == 1);
      try (RestoredProcess known =
              RestoredProcess.open(table, requireNonNull(table.find(parent.pid())));
          PidFd child = PidFd.open(table.children(parent.pid()).getFirst())) {
        state.addProcess(requireNonNull(known));
        endDaemon();
        assertThat(requireNonNull(child).hasExited()).isTrue();
      }
    }
  }

  @Test
  void leavesProcessesThatAreTheOnlyOnes() throws IOException {
    source.setOwned();
    endDaemon();
    assertThat(process.hasExited()).isFalse();
    assertThat(log()).contains("tell the source with lazy-pages --take-over");
    assertThat(state.exists()).isTrue();
  }

  @Test
  void leavesProcessesThatWaitForAnotherDaemon() throws IOException {
    state.setRestored();
    source.setLease(Long.MAX_VALUE);
    endDaemon();
    assertThat(process.hasExited()).isFalse();
    assertThat(source.isKilling()).isFalse();
  }

  /** The origin has not said how long the source waits. */
  @Test
  void killsProcessesWhoseSourceMayNotWait() throws IOException {
    state.setRestored();
    endDaemon();
    assertThat(process.hasExited()).isTrue();
  }

  @Test
  void killsProcessesThatWaitedUntilTheSourceMayContinue() throws IOException {
    state.setRestored();
    source.setLease(TimeUnit.SECONDS.toNanos(2));
    long before = System.nanoTime();
    endDaemon();
    assertThat(process.hasExited()).isTrue();
    assertThat(System.nanoTime() - before).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void leavesTheProcessesToAGuardThatTookItsPlace() throws IOException {
    Guard first = Guard.start(state);
    Guard second = Guard.start(state);
    assertThat(state.guards()).hasSize(1).allSatisfy(PidFd::close);
    first.leave();
    assertThat(process.hasExited()).isFalse();
    awaitEnd(second);
    assertThat(process.hasExited()).isTrue();
  }

  @Test
  void doesNothingAfterADismissal() throws IOException {
    Guard guard = Guard.start(state);
    guard.close();
    assertThat(process.hasExited()).isFalse();
    assertThat(source.isKilling()).isFalse();
  }
}
