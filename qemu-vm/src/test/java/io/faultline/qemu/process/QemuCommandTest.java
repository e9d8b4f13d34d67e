package io.faultline.qemu.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QemuCommandTest {
  @Test
  void commasInPathsAreDoubled() {
    assertThat(
            QemuCommand.withRamInFile("qemu", Accelerator.KVM, 64 << 20, Path.of("/a,b/ram"))
                .withMonitor(Path.of("/c,d"))
                .arguments())
        .startsWith("qemu", "-accel", "kvm")
        .containsSequence("-m", "64M")
        .contains("memory-backend-file,share=on,mem-path=/a,,b/ram,id=ram,size=67108864")
        .endsWith("-qmp", "unix:/c,,d,server=on,wait=off");
  }

  @Test
  void moreArgumentsLeaveTheCommandAsItIs() {
    QemuCommand command = QemuCommand.withRam("qemu", Accelerator.TCG, 1 << 20, "ram");
    assertThat(command.waiting().arguments()).endsWith("-incoming", "defer", "-S");
    assertThat(command.arguments()).doesNotContain("-S");
  }

  @Test
  void firstProgramInThePathIsFound(@TempDir Path directory) throws Exception {
    Path first = Files.createDirectory(directory.resolve("first"));
    Path second = Files.createDirectory(directory.resolve("second"));
    Files.createDirectory(first.resolve("qemu")); // no program
    String path = "/nope:" + first + ":" + second;
    assertThat(QemuProgram.find("qemu", path)).isEmpty();
    Path program = Files.createFile(second.resolve("qemu"));
    assertThat(QemuProgram.find("qemu", path)).isEmpty();
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(QemuProgram.find("qemu", path)).contains(program);
  }
}
