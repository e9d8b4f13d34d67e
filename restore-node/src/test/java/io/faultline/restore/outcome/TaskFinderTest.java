package io.faultline.restore.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TaskFinderTest {
  private final ProcessTable table = new ProcessTable();
  private RestoredChild child;

  @BeforeEach
  void fork() {
    child = new RestoredChild();
  }

  @AfterEach
  void end() {
    child.close();
  }

  @Test
  void taskIsADescendantOfCriu() throws Exception {
    int criu = Math.toIntExact(ProcessHandle.current().pid());
    assertThat(TaskFinder.find(table, criu, child.pid()).pid()).isEqualTo(child.pid());
  }

  @Test
  void taskOfACriuThatHasEndedIsTheProcessThatMissesPages() throws Exception {
    assertThat(TaskFinder.find(table, ended(), child.pid()).pid()).isEqualTo(child.pid());
  }

  @Test
  void processThatMissesNoPageIsNoTaskOfACriuThatHasEnded() {
    int other = Math.toIntExact(ProcessHandle.current().parent().orElseThrow().pid());
    assertThatThrownBy(() -> TaskFinder.find(table, ended(), other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has it exited?");
  }

  @Test
  void criuThatIsNotVisibleIsRefused() {
    assertThatThrownBy(() -> TaskFinder.find(table, 0, child.pid()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not visible from here");
  }

  /** The id of a process that has ended. */
  private static int ended() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    return Math.toIntExact(process.pid());
  }
}
