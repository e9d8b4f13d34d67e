package io.faultline.cli.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class MachineRunTest {
  private static final Path RECORD = Path.of("/run/7.takeover");
  private static final MachineRun HERE = new MachineRun("boot", "pid:[1]");

  @Test
  @EnabledOnOs(OS.LINUX)
  void thatOfThisProcessIsKnown() throws Exception {
    assertThat(MachineRun.current().bootId()).hasSize(36);
    assertThat(MachineRun.current().pidNamespace()).matches("pid:\\[\\d+]");
    assertThat(MachineRun.current()).isEqualTo(MachineRun.current());
  }

  @Test
  void recordOfAnEarlierRunOfTheMachineIsRefused() {
    assertThatIOException()
        .isThrownBy(() -> HERE.requireSame(new MachineRun("earlier", "pid:[1]"), RECORD))
        .withMessageContaining("restarted since the migration in /run/7.takeover")
        .withMessageContaining("remove the file");
  }

  @Test
  void recordOfAnotherPidNamespaceIsRefused() {
    assertThatIOException()
        .isThrownBy(() -> HERE.requireSame(new MachineRun("boot", "pid:[2]"), RECORD))
        .withMessageContaining("another pid namespace, pid:[2]")
        .withMessageContaining("run this command where that node ran");
  }

  @Test
  void whatIsUnknownCountsAsTheSame() {
    assertThatCode(() -> HERE.requireSame(new MachineRun("", ""), RECORD))
        .doesNotThrowAnyException();
    assertThatCode(() -> new MachineRun("", "").requireSame(HERE, RECORD))
        .doesNotThrowAnyException();
    assertThatCode(() -> HERE.requireSame(HERE, RECORD)).doesNotThrowAnyException();
  }
}
