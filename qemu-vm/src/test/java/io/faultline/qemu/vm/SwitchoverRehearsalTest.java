package io.faultline.qemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SwitchoverRehearsalTest {
  @Test
  void guestOfMadeUpQemusMovesAndNothingStaysOpen() throws Exception {
    SwitchoverRehearsal.run(); // opens what stays open, such as files of classes
    long before = sockets();
    SwitchoverRehearsal.run();
    assertThat(sockets()).isLessThanOrEqualTo(before);
  }

  private static long sockets() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(Files::isSymbolicLink).filter(SwitchoverRehearsalTest::isSocket).count();
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }
}
