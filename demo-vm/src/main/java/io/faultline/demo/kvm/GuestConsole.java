package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * The console: bytes that the guest writes to a port become lines. A line that is begun when the VM
 * leaves is part of its state, and ends where the VM runs then. Thread-safe.
 */
final class GuestConsole {
  static final int PORT = 0x3f8;

  /** A line that never ends is told in parts. */
  private static final int MAX_LINE_BYTES = 4096;

  private final Consumer<String> lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  GuestConsole(Consumer<String> lines) {
    this.lines = lines;
  }

  synchronized void write(byte character) {
    if (character != '\n') {
      line.write(character);
    }
    if (character == '\n' || line.size() == MAX_LINE_BYTES) {
      String text = line.toString(StandardCharsets.UTF_8);
      line.reset();
      lines.accept(text);
    }
  }

  synchronized ByteString begun() {
    return ByteString.copyFrom(line.toByteArray());
  }

  /**
   * Takes over a line that was begun elsewhere.
   *
   * @throws IllegalArgumentException where it is too long
   */
  synchronized void begin(ByteString text) {
    if (text.size() >= MAX_LINE_BYTES) {
      throw new IllegalArgumentException("a console line of " + text.size() + " bytes");
    }
    line.reset();
    line.writeBytes(text.toByteArray());
  }
}
