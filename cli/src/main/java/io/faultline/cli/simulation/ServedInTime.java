package io.faultline.cli.simulation;

/** While both ends are there and nothing is wrong, nobody waits long for a page. */
final class ServedInTime {
  /** More than what may go in front of an answer takes on the slowest network. */
  private static final long MOST_NANOS = 4_000_000_000L;

  private static final int EVENTS = 32;

  private final World world;
  private final InvariantLog rules;
  private final Guest guest;
  private final FaultInjector injectedFaults;
  private long runningNanos = Long.MAX_VALUE;
  private int attempt;

  ServedInTime(World world, InvariantLog rules, Guest guest, FaultInjector injectedFaults) {
    this.world = world;
    this.rules = rules;
    this.guest = guest;
    this.injectedFaults = injectedFaults;
  }

  /** A frame is on the wire. */
  void see(Socket from, WireFrame frame) {
    Link link = from.link();
    if (link.attempt() > attempt) {
      attempt = link.attempt();
      runningNanos = Long.MAX_VALUE;
    } else if (frame.frame().hasFailure()) {
      runningNanos = Long.MAX_VALUE;
    }
    if (frame.frame().hasRunning() && link.attempt() == attempt) {
      runningNanos = world.nowNanos();
    }
  }

  /** Behind each event. */
  void check() {
    if (!injectedFaults.areBothThere()
        || runningNanos == Long.MAX_VALUE
        || world.happened() % EVENTS != 0) {
      return;
    }
    long calmFrom = Math.max(runningNanos, injectedFaults.quietFromNanos());
    if (world.nowNanos() - calmFrom > MOST_NANOS) {
      String waiting = guest.asleepSince(world.nowNanos() - MOST_NANOS);
      if (!waiting.isEmpty()) {
        rules.broken("the source is there, and yet nobody brings the page of " + waiting);
      }
    }
  }
}
