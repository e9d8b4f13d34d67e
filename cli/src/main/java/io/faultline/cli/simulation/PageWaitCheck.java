package io.faultline.cli.simulation;

import io.faultline.cli.simulation.guest.Guest;
import io.faultline.cli.simulation.network.Connection;
import io.faultline.cli.simulation.network.Socket;
import io.faultline.cli.simulation.network.WireFrame;
import io.faultline.cli.simulation.runtime.InvariantLog;
import io.faultline.cli.simulation.runtime.Simulator;

/** While both nodes are up and no fault is active, no vCPU waits more than 7 s for a page. */
final class PageWaitCheck {
  /**
   * The longest backoff, which follows a connection that is lost soon after a long outage, and the
   * time to send everything queued before an answer on the slowest network.
   */
  private static final long MAX_WAIT_NANOS = 7_000_000_000L;

  private static final int CHECK_EVERY_EVENTS = 32;

  private final Simulator simulator;
  private final InvariantLog invariants;
  private final Guest guest;
  private final FaultInjector injector;
  private long runningNanos = Long.MAX_VALUE;
  private int attempt;

  PageWaitCheck(Simulator simulator, InvariantLog invariants, Guest guest, FaultInjector injector) {
    this.simulator = simulator;
    this.invariants = invariants;
    this.guest = guest;
    this.injector = injector;
  }

  /** Called for each frame on the wire. */
  void onFrame(Socket from, WireFrame frame) {
    Connection connection = from.connection();
    if (connection.attempt() > attempt) {
      attempt = connection.attempt();
      runningNanos = Long.MAX_VALUE;
    } else if (frame.frame().hasFailure()) {
      runningNanos = Long.MAX_VALUE;
    }
    if (frame.frame().hasRunning() && connection.attempt() == attempt) {
      runningNanos = simulator.nowNanos();
    }
  }

  /** Called after each event. */
  void check() {
    if (!injector.canConnect()
        || runningNanos == Long.MAX_VALUE
        || simulator.eventCount() % CHECK_EVERY_EVENTS != 0) {
      return;
    }
    long quietFrom = Math.max(runningNanos, injector.quietFromNanos());
    if (simulator.nowNanos() - quietFrom > MAX_WAIT_NANOS) {
      String waiting = guest.waitingSince(simulator.nowNanos() - MAX_WAIT_NANOS);
      if (!waiting.isEmpty()) {
        invariants.violated("the source is up, but no page has arrived for 7 s for " + waiting);
      }
    }
  }
}
