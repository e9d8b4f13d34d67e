package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.qemu.QemuDirectory;
import io.faultline.qemu.StockQemu;
import io.faultline.qemu.process.QemuProcess;
import io.faultline.uffd.linux.FileDescriptors;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Descriptors that a node had handed to QEMU when it was killed. */
class LeftDescriptorsTest {
  private static final int READ_ONLY = 0;
  private static final int MEGABYTES = 32;

  @RegisterExtension private final QemuDirectory directory = new QemuDirectory();

  @Test
  void nextNodeClosesThem() throws Exception {
    Path program = StockQemu.programs().findFirst().orElseThrow();
    List<String> command = StockQemu.command(program, directory.file("ram"), MEGABYTES);
    try (QemuProcess qemu = QemuProcess.start(directory.path(), "left", command)) {
      LeftInQemu.closeDescriptors(qemu.monitor()); // there are none
      List<String> before = OpenFiles.of(qemu.pid());
      int descriptor = FileDescriptors.open(Path.of("/dev/zero"), READ_ONLY);
      try {
        qemu.monitor().sendDescriptor("faultline-userfaultfd", descriptor);
        qemu.monitor().sendDescriptor("faultline-state", descriptor);
      } finally {
        FileDescriptors.close(descriptor);
      }
      assertThat(OpenFiles.of(qemu.pid())).hasSize(before.size() + 2);
      LeftInQemu.closeDescriptors(qemu.monitor());
      assertThat(OpenFiles.of(qemu.pid())).isEqualTo(before);
    }
  }
}
