package io.faultline.cli.simulation;

import io.faultline.cli.simulation.node.SimulatedEnvironment;
import io.faultline.cli.simulation.node.SourceNode;
import io.faultline.cli.simulation.runtime.InvariantLog;
import io.faultline.cli.simulation.runtime.SimulatedLoop;

/** Buffers and task queues of both nodes stay below fixed bounds, and the run ends. */
final class BufferBoundsCheck {
  /** Room for several read buffers, headers, partly received runs and queued frames. */
  private static final long MAX_BYTES = 24L << 20;

  private static final int MAX_TASKS = 5000;
  private static final long MAX_EVENTS = 3_000_000;

  private final InvariantLog invariants;
  private final SourceNode source;

  BufferBoundsCheck(InvariantLog invariants, SourceNode source) {
    this.invariants = invariants;
    this.source = source;
  }

  /** Called after each event. */
  void check(SimulatedEnvironment destination, long events) {
    check(source.environment());
    check(destination);
    invariants.require(events < MAX_EVENTS, "the run has not ended after " + events + " events");
  }

  private void check(SimulatedEnvironment environment) {
    long bytes = environment.allocator().allocatedBytes();
    if (bytes > MAX_BYTES) {
      invariants.violated(environment.process().name() + " holds " + bytes + " bytes of buffers");
    }
    for (int i = 0; i < environment.loops().size(); i++) {
      SimulatedLoop loop = environment.loops().get(i);
      if (loop.pendingTaskCount() > MAX_TASKS) {
        invariants.violated(loop + " has " + loop.pendingTaskCount() + " pending tasks");
      }
    }
  }
}
