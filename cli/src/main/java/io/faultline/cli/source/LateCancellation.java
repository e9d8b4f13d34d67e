package io.faultline.cli.source;

import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.proto.Transport;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.SwitchoverCancellation;
import io.faultline.source.journal.Journal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
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
   *
   * @param destinations its addresses, at least one
   * @throws io.faultline.cli.options.UsageException if the options of this process do not allow a
   *     connection to one of them
   */
  static LateCancellation prepare(
      Journal journal,
      List<InetSocketAddress> destinations,
      NodeOptions node,
      CommandOutput output) {
    Optional<SwitchoverCancellation> cancellation = Optional.empty();
    try {
      SourceSettings settings =
          journal
              .settings(destinations.getFirst())
              .withSecurity(node.common().security("source", "--to", destinations));
      journal.resume(); // so that connections of this process count as later ones
      cancellation =
          Optional.of(
              new SwitchoverCancellation(
                  settings,
                  new ReconnectSettings(
                      destinations.subList(1, destinations.size()), node.common().timeouts()),
                  journal.migrationIdentity()));
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
