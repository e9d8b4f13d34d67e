package io.faultline.restore.frozen;

import io.faultline.proto.PeerWait;
import io.faultline.proto.WaitReport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the user about waits that have become long. Reads no clock. Confined to the control loop.
 */
final class SourceWaits {
  private final FreezeWait freeze;
  private final DestinationLease lease;
  private final WaitReport reports = new WaitReport();

  SourceWaits(FreezeWait freeze, DestinationLease lease) {
    this.freeze = freeze;
    this.lease = lease;
  }

  /** Time has passed. */
  void tick(SourcePhase phase, boolean connected, Consumer<String> log, long nowNanos) {
    PeerWait due = reports.due(waiting(phase, connected), nowNanos);
    if (due != null) {
      String who = phase == SourcePhase.FREEZING ? "this machine" : "the destination";
      log.accept(due.describe(who, nowNanos));
    }
  }

  private @Nullable PeerWait waiting(SourcePhase phase, boolean connected) {
    return switch (phase) {
      case FREEZING -> freeze.waiting();
      case SERVING, COMMITTED -> connected ? null : lease.waiting();
      case ENDING, ENDED -> null;
    };
  }
}
