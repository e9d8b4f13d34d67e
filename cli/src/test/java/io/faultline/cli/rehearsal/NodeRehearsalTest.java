package io.faultline.cli.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.reflect.Proxy;
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
    NodeRehearsal.tryRun(unusable(), Duration.ZERO, messages::add);
    assertThat(messages).isEmpty();
    NodeRehearsal.tryRun(unusable(), Duration.ofHours(1), messages::add);
    assertThat(messages).as("of a rehearsal that uses the kernel").hasSize(1);
  }

  private static Kernel unusable() {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (_, method, _) -> {
              throw new IllegalStateException(method + " is called");
            });
  }
}
