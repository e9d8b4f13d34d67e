package io.faultline.cli.process;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Points at which {@code source --checkpoints} waits for the process that has started it. The
 * source prints a line that no guest prints, and continues when it has read one.
 */
public enum SourceCheckpoint {
  /** The node has rehearsed, and has not looked at the VM yet. */
  REHEARSED,
  /** The node is about to connect to the destination. */
  READY;

  private String announcement() {
    return "\u0006 checkpoint " + name();
  }

  /** The checkpoint that a line of the source's standard output announces. */
  static Optional<SourceCheckpoint> announcedBy(String line) {
    return Arrays.stream(values()).filter(each -> each.announcement().equals(line)).findFirst();
  }

  /**
   * Announces this checkpoint and waits, at the source.
   *
   * @param output prints a line on standard output
   * @param answers standard input
   * @throws IOException if the other process has ended
   */
  public void await(Consumer<String> output, InputStream answers) throws IOException {
    output.accept(announcement());
    for (int read = answers.read(); read != '\n'; read = answers.read()) {
      if (read < 0) {
        throw new IOException("the process that has started this node has ended");
      }
    }
  }
}
