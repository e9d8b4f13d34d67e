package io.faultline.cli.snapshot;

import io.faultline.cli.terminal.CommandOutput;
import io.faultline.dest.DestinationSettings;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.time.Duration;

/** A node that is ready for a snapshot, and waits for the word. */
final class Standby {
  private Standby() {}

  /**
   * Rehearses, prints {@code ready}, and waits for a line of standard input, or for its end. There
   * is no limit: a node may stand by as long as its user wants.
   *
   * @param settings of the destination
   * @param rehearsal its longest time; 0 for none
   */
  static void await(
      Kernel kernel, DestinationSettings settings, Duration rehearsal, CommandOutput output)
      throws IOException, InterruptedException {
    SnapshotRehearsal.tryRun(kernel, settings, rehearsal, output::message);
    output.print("ready");
    int read;
    do {
      read = System.in.read();
    } while (read >= 0 && read != '\n');
  }
}
