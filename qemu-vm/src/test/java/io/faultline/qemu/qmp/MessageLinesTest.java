package io.faultline.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageLinesTest {
  private final MessageLines lines = new MessageLines();

  @Test
  void messagesAreFoundHoweverTheBytesArrive() throws IOException {
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    Random random = new Random(seed);
    byte[] all = "{\"a\": 1}\r\n\n{\"b\": \"ü\"}\n{".getBytes(StandardCharsets.UTF_8);
    int at = 0;
    while (at < all.length) {
      int count = 1 + random.nextInt(Math.min(5, all.length - at));
      byte[] part = new byte[8];
      System.arraycopy(all, at, part, 0, count);
      lines.add(part, count);
      at += count;
    }
    assertThat(lines.next()).as("seed %d", seed).hasToString("{\"a\":1}");
    assertThat(lines.next()).as("seed %d", seed).hasToString("{\"b\":\"ü\"}");
    assertThat(lines.next()).isNull();
  }

  @Test
  void lineThatIsNoObjectIsQuoted() {
    assertThatIOException()
        .isThrownBy(() -> add("[1]\n"))
        .withMessage("the monitor sent a line that is no JSON object, \"[1]\": is this QMP?");
    assertThatIOException()
        .isThrownBy(() -> add("x".repeat(500) + "\n"))
        .withMessageContaining("\"" + "x".repeat(80) + "\"");
  }

  @Test
  void lineWithoutEndIsRefused() {
    byte[] part = new byte[1 << 20];
    Arrays.fill(part, (byte) ' ');
    assertThatIOException()
        .isThrownBy(
            () -> {
              for (int i = 0; i < 5; i++) {
                lines.add(part, part.length);
              }
            })
        .withMessageContaining("a line of more than 4194304 bytes");
  }

  private void add(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    lines.add(bytes, bytes.length);
  }
}
