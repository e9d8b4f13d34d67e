package io.faultline.restore.remote;

import io.faultline.proto.PeerWait;
import io.faultline.proto.WaitReport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How long the page source may be away, before the start and in an outage. Reads no clock. Confined
 * to the session's loop.
 */
final class OutageWatch {
  private final OriginConnections connections;
  private final SourceLease lease;
  private final long limitNanos;
  private final WaitReport reports = new WaitReport();

  /**
   * @param limitNanos how long to try to connect; 0 as long as the lease
   */
  OutageWatch(OriginConnections connections, SourceLease lease, long limitNanos) {
    this.connections = connections;
    this.lease = lease;
    this.limitNanos = limitNanos;
  }

  /**
   * Whether to give up.
   *
   * @param needsPages whether the processes wait for pages
   */
  boolean isTooLong(boolean needsPages, long nowNanos) {
    boolean tooLong =
        limitNanos != 0
            && needsPages
            && !connections.isConnected()
            && nowNanos - connections.lostNanos() > limitNanos;
    return tooLong || lease.isOver(nowNanos);
  }

  /** Tells the user about a wait that has become long. */
  void report(boolean waits, String name, Consumer<String> log, long nowNanos) {
    PeerWait due = reports.due(waits ? waiting() : null, nowNanos);
    if (due != null) {
      log.accept(due.describe(name, nowNanos));
    }
  }

  private @Nullable PeerWait waiting() {
    if (connections.isOpen()) {
      return null;
    }
    return connections.isConnected()
        ? new PeerWait("have the processes frozen", connections.lostNanos(), "until it gives up")
        : new PeerWait(
            "accept connections",
            connections.lostNanos(),
            "trying again (" + connections.reason() + ")");
  }
}
