package io.faultline.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** Any bytes in any pieces: objects, or refused. */
final class MessageLinesFuzzTest {
  @FuzzTest(maxDuration = "2s")
  void anyBytesAreReadOrRefused(FuzzedDataProvider input) {
    MessageLines lines = new MessageLines();
    try {
      while (input.remainingBytes() > 0) {
        byte[] bytes = input.consumeBytes(64);
        lines.add(bytes, bytes.length);
      }
      for (var message = lines.next(); message != null; message = lines.next()) {
        assertThat(message.isObject()).isTrue();
        var _ = QmpEvent.of(message);
        var _ = QemuVersion.of(message).toString();
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("the monitor sent a line");
    }
  }
}
