package io.faultline.cli.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On the simulated kernel, which works everywhere. */
final class NodeRehearsalTest {
  private static final Kernel KERNEL = new SimulatedKernel();

  @Test
  void everyKindOfMigrationCompletes() {
    assertThatCode(() -> NodeRehearsal.runAll(KERNEL, Duration.ofMillis(200)))
        .doesNotThrowAnyException();
  }

  @Test
  void limitOfZeroDisablesTheRehearsal() throws Exception {
    List<String> messages = new ArrayList<>();
    long start = System.nanoTime();
    NodeRehearsal.tryRun(KERNEL, Duration.ZERO, messages::add);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(200));
    assertThat(messages).isEmpty();
  }
}
