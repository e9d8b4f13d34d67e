package io.faultline.cli.source;

import io.faultline.cli.terminal.CommandOutput;
import io.faultline.proto.Transport;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.SwitchoverCancellation;
import io.faultline.source.journal.Journal;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Notifies the destination of a migration whose source was killed before RUN that the VM will not
 * come. A destination that cannot be notified never runs it either.
 */
final class LateCancellation {
  /** Prepares one, which needs the journal. */
  interface Preparation {
    LateCancellation prepare();
  }

  /** For each address of the destination; the VM runs meanwhile. */
  private static final Duration NOTIFY_TIMEOUT = Duration.ofSeconds(5);

  private final Optional<SwitchoverCancellation> cancellation;
  private final String id;
  private final CommandOutput output;

  private LateCancellation(
      Optional<SwitchoverCancellation> cancellation, String id, CommandOutput output) {
    this.cancellation = cancellation;
    this.id = id;
    this.output = output;
  }

  /**
   * Makes this process the one that continues the migration, while there is a journal. If the
   * journal cannot be written, such as without room, the destination is not notified.
   */
  static LateCancellation prepare(
      Journal journal,
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      CommandOutput output) {
    Optional<SwitchoverCancellation> cancellation = Optional.empty();
    try {
      journal.resume(); // so that connections of this process count as later ones
      cancellation =
          Optional.of(
              new SwitchoverCancellation(settings, reconnectSettings, journal.migrationIdentity()));
    } catch (IOException e) {
      output.remark(
          "the destination cannot be notified that the VM continues here: " + e.getMessage());
    }
    return new LateCancellation(cancellation, journal.id(), output);
  }

  /**
   * Sends it. If the destination has ended or cannot be reached, prints what the user may have to
   * do.
   *
   * @param why for the user of the destination
   */
  void send(String why) {
    if (cancellation.isEmpty()) {
      return;
    }
    try (Transport transport = new Transport()) {
      cancellation.get().send(transport, why, NOTIFY_TIMEOUT);
      output.remark("the destination was notified that the VM will not come");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      output.remark(
          "the destination could not be notified: "
              + e.getMessage()
              + "; if it still waits for migration "
              + id
              + ", end it: it will not run the VM");
    }
  }
}
