package io.faultline.cli.simulation;

import io.faultline.cli.simulation.node.DestinationNode;
import io.faultline.cli.simulation.node.SourceNode;
import io.faultline.cli.simulation.plan.RunPlan;
import io.faultline.cli.simulation.runtime.SimulatedProcess;
import io.faultline.cli.simulation.runtime.Simulator;
import java.util.List;

/** Decides when a run is over: both sides have ended, or nothing can happen any more. */
final class StopCondition {
  /** After both sides have ended: time for data in flight to arrive and buffers to be released. */
  private static final long SETTLE_NANOS = 300_000_000L;

  /** One side is gone or hangs: the longest built-in deadline of the other is 130 s. */
  private static final long ALONE_NANOS = 170_000_000_000L;

  /** Both sides are up, or give up after a configured time: more than the sum of all deadlines. */
  private static final long TOGETHER_NANOS = 400_000_000_000L;

  private final RunPlan plan;
  private final Simulator simulator;
  private final FaultInjector injector;
  private final SourceNode source;
  private final List<DestinationNode> destinations;
  private final long startNanos;
  private long settledNanos;
  private long aloneNanos;

  StopCondition(
      RunPlan plan,
      Simulator simulator,
      FaultInjector injector,
      SourceNode source,
      List<DestinationNode> destinations) {
    this.plan = plan;
    this.simulator = simulator;
    this.injector = injector;
    this.source = source;
    this.destinations = destinations;
    startNanos = simulator.nowNanos();
  }

  /** Time since the later of {@code sinceNanos} and the end of the last injected fault. */
  private long quietFor(long sinceNanos) {
    return simulator.nowNanos() - Math.max(sinceNanos, injector.quietFromNanos());
  }

  /** Whether the run is over. */
  boolean isReached() {
    SimulatedProcess sourceProcess = source.environment().process();
    DestinationNode destination = destinations.getLast();
    SimulatedProcess destinationProcess = destination.environment().process();
    boolean sourceEnded = source.report() != null || !sourceProcess.isWorking();
    boolean destinationEnded = destination.report() != null || !destinationProcess.isWorking();
    if (!sourceEnded || !destinationEnded) {
      settledNanos = 0;
    } else if (settledNanos == 0) {
      settledNanos = simulator.nowNanos();
    }
    if (settledNanos != 0) {
      return !willContinue(sourceProcess)
          && !willContinue(destinationProcess)
          && simulator.nowNanos() - settledNanos > SETTLE_NANOS;
    }
    if (!sourceEnded && !destinationEnded && !injector.isNetworkGone()) {
      aloneNanos = 0;
      return quietFor(startNanos) > TOGETHER_NANOS;
    }
    aloneNanos = aloneNanos == 0 ? simulator.nowNanos() : aloneNanos;
    return quietFor(aloneNanos) > (plan.givesUp() ? TOGETHER_NANOS : ALONE_NANOS);
  }

  private static boolean willContinue(SimulatedProcess process) {
    return process.isWorking() && process.stoppedForNanos() > 0;
  }
}
