package io.faultline.cli.simulation;

import java.util.List;

/** Tells when nothing more is to be expected of a run. */
final class RunEnd {
  /** For what is on its way to be let go. */
  private static final long SETTLE_NANOS = 300_000_000L;

  /** Where one end is gone, the other has at most 130 s, and what it was told. */
  private static final long ALONE_NANOS = 150_000_000_000L;

  /** Where both are there: more than all deadlines of both together. */
  private static final long TOGETHER_NANOS = 400_000_000_000L;

  private final Plan plan;
  private final World world;
  private final FaultInjector injectedFaults;
  private final SourceNode source;
  private final List<DestinationNode> destinations;
  private final long startNanos;
  private long settledNanos;
  private long aloneNanos;

  RunEnd(
      Plan plan,
      World world,
      FaultInjector injectedFaults,
      SourceNode source,
      List<DestinationNode> destinations) {
    this.plan = plan;
    this.world = world;
    this.injectedFaults = injectedFaults;
    this.source = source;
    this.destinations = destinations;
    startNanos = world.nowNanos();
  }

  /** How long nothing has gone wrong, nor changed since a time. */
  private long quietFor(long sinceNanos) {
    return world.nowNanos() - Math.max(sinceNanos, injectedFaults.quietFromNanos());
  }

  /** Whether the run is over. */
  boolean isNear() {
    SimulatedProcess here = source.host().process();
    DestinationNode destination = destinations.getLast();
    SimulatedProcess there = destination.host().process();
    boolean sourceEnded = source.report() != null || !here.isAlive();
    boolean destinationEnded = destination.report() != null || !there.isAlive();
    if (!sourceEnded || !destinationEnded) {
      settledNanos = 0;
    } else if (settledNanos == 0) {
      settledNanos = world.nowNanos();
    }
    if (settledNanos != 0) {
      long stopped = here.stoppedForNanos() + there.stoppedForNanos();
      return stopped == 0 && world.nowNanos() - settledNanos > SETTLE_NANOS;
    }
    if (!sourceEnded && !destinationEnded && !injectedFaults.isNetworkGone()) {
      aloneNanos = 0;
      return quietFor(startNanos) > TOGETHER_NANOS;
    }
    aloneNanos = aloneNanos == 0 ? world.nowNanos() : aloneNanos;
    return quietFor(aloneNanos) > (plan.givesUp() ? TOGETHER_NANOS : ALONE_NANOS);
  }
}
