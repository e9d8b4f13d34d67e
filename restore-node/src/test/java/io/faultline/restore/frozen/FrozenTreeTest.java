package io.faultline.restore.frozen;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FrozenTreeTest {
  private static final int SECONDS = 60;
  private static final int SIGTERM_STATUS = 128 + 15;

  private Process child;

  @BeforeEach
  void start() throws Exception {
    child = new ProcessBuilder("sleep", "1000").start();
  }

  @AfterEach
  void end() {
    child.destroyForcibly();
  }

  @Test
  void killEndsTheProcesses() throws Exception {
    try (FrozenTree tree = tree(StopCheck.KERNEL)) {
      tree.kill();
      assertThat(child.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** In a rehearsal that fails at its end they are the program itself. */
  @Test
  void aRehearsalKillsNothing() throws Exception {
    try (FrozenTree tree = tree(new WireRehearsal.RunningCounts())) {
      tree.kill();
      child.destroy(); // a later signal: SIGKILL would have come first
      assertThat(child.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).isEqualTo(SIGTERM_STATUS);
    }
  }

  private FrozenTree tree(StopCheck check) {
    ProcessEntry entry = Objects.requireNonNull(new ProcessTable().find((int) child.pid()));
    return Objects.requireNonNull(FrozenTree.open(List.of(entry), check));
  }
}
