package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * The console: assembles the bytes that the guest writes to a port into lines. An incomplete line
 * is part of the VM's state, and is completed at the destination. Thread-safe.
 */
final class GuestConsole {
  static final int PORT = 0x3f8;

  /** A longer line is split. */
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

  /** The start of the line that is not complete. */
  synchronized ByteString incompleteLine() {
    return ByteString.copyFrom(line.toByteArray());
  }

  /**
   * Continues a line that was begun at the source.
   *
   * @throws IllegalArgumentException if it is too long
   */
  synchronized void continueLine(ByteString text) {
    if (text.size() >= MAX_LINE_BYTES) {
      throw new IllegalArgumentException(
          "a console line of "
              + text.size()
              + " bytes; at most "
              + MAX_LINE_BYTES
              + " are possible");
    }
    line.reset();
    line.writeBytes(text.toByteArray());
  }
}
