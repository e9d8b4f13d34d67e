package io.faultline.uffd.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void bothArchitecturesAreKnownByAllTheirNames() {
    assertThat(Machine.of("Linux", "amd64")).isEqualTo(Machine.X86_64);
    assertThat(Machine.of("Linux", "x86_64")).isEqualTo(Machine.X86_64);
    assertThat(Machine.of("Linux", "aarch64")).isEqualTo(Machine.AARCH64);
  }

  @Test
  void otherSystemsAndArchitecturesAreRefusedByName() {
    assertThatThrownBy(() -> Machine.of("Mac OS X", "aarch64"))
        .hasMessageContaining("this is Mac OS X: use the simulated engine");
    assertThatThrownBy(() -> Machine.of("Linux", "riscv64")).hasMessageContaining("riscv64");
  }
}
