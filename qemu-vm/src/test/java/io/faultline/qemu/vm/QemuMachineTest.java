package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class QemuMachineTest {
  private static final QemuMachine SOURCE =
      new QemuMachine("pc-i440fx-7.2", "qemu64-x86_64-cpu", 1, "tcg", "boot:1:2");

  @Test
  void arrivesAsItWasSent() {
    assertThat(QemuMachine.decode(SOURCE.encode())).isEqualTo(SOURCE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QemuMachine.decode(ByteString.copyFromUtf8("[]")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QemuMachine.decode(ByteString.copyFromUtf8("{")));
  }

  @Test
  void everyDifferenceIsNamed() {
    QemuMachine here = new QemuMachine("q35", "max-x86_64-cpu", 2, "kvm", "boot:1:3");
    assertThat(here.differencesFrom(SOURCE))
        .containsExactly(
            "machine type is pc-i440fx-7.2 at the source, q35 here",
            "CPU is qemu64-x86_64-cpu at the source, max-x86_64-cpu here",
            "number of vCPUs is 1 at the source, 2 here",
            "accelerator is tcg at the source, kvm here");
    assertThat(here.hasRamOf(SOURCE)).isFalse();
  }

  @Test
  void ramInTheSameFileIsSeen() {
    QemuMachine here = new QemuMachine("pc-i440fx-7.2", "qemu64-x86_64-cpu", 1, "tcg", "boot:1:2");
    assertThat(here.differencesFrom(SOURCE)).isEmpty();
    assertThat(here.hasRamOf(SOURCE)).isTrue();
  }
}
