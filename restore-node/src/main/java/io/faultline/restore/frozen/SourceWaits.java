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

  /** The wait for the first connection; null before the processes are frozen. */
  private @Nullable PeerWait first;

  SourceWaits(FreezeWait freeze, DestinationLease lease) {
    this.freeze = freeze;
    this.lease = lease;
  }

  /** Time has passed. */
  void tick(SourcePhase phase, boolean connected, Consumer<String> log, long nowNanos) {
    if (first == null && phase == SourcePhase.SERVING) {
      first =
          new PeerWait(
              "connect",
              nowNanos,
              "the processes stay frozen until then; end this command to let them continue here");
    }
    PeerWait due = reports.due(waiting(phase, connected), nowNanos);
    if (due != null) {
      String who = phase == SourcePhase.FREEZING ? "this machine" : "the destination";
      log.accept(due.describe(who, nowNanos));
    }
  }

  private @Nullable PeerWait waiting(SourcePhase phase, boolean connected) {
    return switch (phase) {
      case FREEZING -> freeze.waiting();
      case SERVING -> connected ? null : lost();
      case COMMITTED -> connected ? null : lease.waitingForEver();
      case ENDING, ENDED -> null;
    };
  }

  private @Nullable PeerWait lost() {
    PeerWait known = lease.waiting();
    return known == null ? first : known;
  }
}
