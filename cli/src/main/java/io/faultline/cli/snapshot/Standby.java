package io.faultline.cli.snapshot;

import io.faultline.cli.terminal.CommandOutput;
import java.io.IOException;

/** A node that is ready for a snapshot, and waits for the word. */
final class Standby {
  private Standby() {}

  /**
   * Prints {@code ready}, and waits for a line of standard input, or for its end. There is no
   * limit: a node may stand by as long as its user wants.
   */
  static void await(CommandOutput output) throws IOException {
    output.print("ready");
    int read;
    do {
      read = System.in.read();
    } while (read >= 0 && read != '\n');
  }
}
