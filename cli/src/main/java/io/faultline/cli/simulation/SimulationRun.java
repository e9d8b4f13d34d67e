package io.faultline.cli.simulation;

import io.faultline.cli.simulation.bug.Bug;
import io.faultline.cli.simulation.guest.Guest;
import io.faultline.cli.simulation.network.Network;
import io.faultline.cli.simulation.network.WireFrame;
import io.faultline.cli.simulation.node.DestinationNode;
import io.faultline.cli.simulation.node.SimulatedEnvironment;
import io.faultline.cli.simulation.node.SourceNode;
import io.faultline.cli.simulation.plan.InjectedFault;
import io.faultline.cli.simulation.plan.RunPlan;
import io.faultline.cli.simulation.runtime.BufferPool;
import io.faultline.cli.simulation.runtime.InvariantLog;
import io.faultline.cli.simulation.runtime.SimulatedProcess;
import io.faultline.cli.simulation.runtime.Simulator;
import io.faultline.cli.simulation.runtime.Trace;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Ping;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run: a guest, a source, one or more destinations, a network and the injected faults, all
 * derived from one seed. Not thread-safe.
 */
final class SimulationRun {
  private static final long MAX_SOURCE_START_NANOS = 2_000_000;
  private static final long MAX_RESTART_NANOS = 2_000_000_000L;
  private static final long PING_NANOS = 1_000_000_000L;

  private final long seed;
  private final RunPlan plan;
  private final Bug bug;
  private final BufferPool pool;
  private final Trace trace;
  private final Simulator simulator;
  private final InvariantLog invariants;
  private final Network network;
  private final Guest guest;
  private final FaultInjector injector;
  private final SourceNode source;
  private final List<DestinationNode> destinations = new ArrayList<>();

  private SimulationRun(long seed, Bug bug, BufferPool pool, Trace trace) {
    this.seed = seed;
    this.bug = bug;
    this.pool = pool;
    this.trace = trace;
    simulator = new Simulator(seed, trace);
    plan = RunPlan.of(simulator.random().split());
    simulator.trace("plan", plan::describe);
    invariants = new InvariantLog(simulator);
    network = new Network(simulator, plan.latencyNanos(), bug.tampering());
    guest = new Guest(simulator, invariants, plan);
    injector =
        new FaultInjector(
            simulator, network, plan.injectedFaults(), this::injectNodeFault, this::stateOf);
    source = new SourceNode(environment("source"), guest, plan);
    destinations.add(newDestination("destination"));
  }

  /**
   * Executes one run.
   *
   * @param lines receives the trace, line by line; null for an untraced run
   */
  static RunResult of(long seed, Bug bug, BufferPool pool, @Nullable Consumer<String> lines) {
    SimulationRun run = new SimulationRun(seed, bug, pool, new Trace(lines));
    try {
      return run.execute();
    } finally {
      run.dispose();
    }
  }

  private SimulatedEnvironment environment(String name) {
    return new SimulatedEnvironment(new SimulatedProcess(name, simulator), network, pool);
  }

  private DestinationNode newDestination(String name) {
    return new DestinationNode(environment(name), guest, plan, bug);
  }

  /** The destination that was started last. */
  private DestinationNode destination() {
    return destinations.getLast();
  }

  private RunResult execute() {
    destination().start();
    simulator.after(simulator.random().nextLong(MAX_SOURCE_START_NANOS), source::start);
    StopCondition stop = new StopCondition(plan, simulator, injector, source, destinations);
    BufferBoundsCheck buffers = new BufferBoundsCheck(invariants, source);
    PageWaitCheck pageWaits = new PageWaitCheck(simulator, invariants, guest, injector);
    if (bug != Bug.DUPLICATE_ACCEPTED) { // the checks at the destination must detect that bug
      network.watch(new SentOnceCheck(invariants)::onFrame);
    }
    network.watch(pageWaits::onFrame);
    while (invariants.violation() == null && !stop.isReached() && simulator.step()) {
      guest.check();
      injector.afterEvent();
      pageWaits.check();
      buffers.check(destination().environment(), simulator.eventCount());
    }
    EndStateCheck endState =
        new EndStateCheck(plan, invariants, guest, injector, source, destinations);
    RunOutcome outcome = endState.check();
    simulator.trace("outcome", () -> outcome + ": " + endState.reason());
    return new RunResult(
        seed,
        outcome,
        endState.reason(),
        injector.injected(),
        injector.hangs(),
        endState.recoveries(),
        simulator.eventCount(),
        trace.sum());
  }

  /** Injects a fault of a node, not of the network. */
  private void injectNodeFault(InjectedFault fault) {
    SimulatedProcess destinationProcess = destination().environment().process();
    SimulatedProcess sourceProcess = source.environment().process();
    switch (fault.kind()) {
      case STOP_SOURCE -> sourceProcess.stop(fault.durationNanos() / 2);
      case STOP_DESTINATION -> destinationProcess.stop(fault.durationNanos() / 2);
      case HANG_SOURCE -> {
        hang(sourceProcess, fault);
        if (bug == Bug.HANG_UNNOTICED) {
          sendPings();
        }
      }
      case HANG_DESTINATION -> hang(destinationProcess, fault);
      case MEMORY_SHORT -> memoryShort(destination(), fault.durationNanos() / 2);
      case CANCEL -> {
        simulator.trace("source", () -> "receives the cancel command");
        source.cancel();
      }
      case KILL_SOURCE -> sourceProcess.kill(simulator.random().nextBoolean());
      case KILL_DESTINATION -> destinationProcess.kill(simulator.random().nextBoolean());
      case KILL_AND_RESTART_DESTINATION -> {
        destinationProcess.kill(simulator.random().nextBoolean());
        simulator.after(simulator.random().nextLong(MAX_RESTART_NANOS), this::restartDestination);
      }
      default -> throw new IllegalStateException("not a fault of a node: " + fault);
    }
  }

  private static void hang(SimulatedProcess process, InjectedFault fault) {
    if (fault.durationNanos() == 0) {
      process.hang();
    } else {
      process.stop(fault.durationNanos());
    }
  }

  /** The state of the node that a kind of fault stops. */
  private String stateOf(InjectedFault.Kind kind) {
    return kind == InjectedFault.Kind.HANG_SOURCE
        ? source.state().name()
        : destination().state().name();
  }

  /** The bug {@link Bug#HANG_UNNOTICED}. */
  private void sendPings() {
    Frame ping = Frame.newBuilder().setPing(Ping.getDefaultInstance()).build();
    network.connections().stream()
        .filter(each -> each.isOpen() && each.hello() != null && !each.isBulk())
        .forEach(each -> network.sendFromClient(each, WireFrame.of(ping)));
    simulator.after(PING_NANOS, this::sendPings);
  }

  /** Has no effect before the guest runs there: then it would only end the migration. */
  private void memoryShort(DestinationNode at, long nanos) {
    if (guest.location() == Guest.Location.DESTINATION) {
      simulator.trace("destination", () -> "has no memory for pages");
      at.setMemoryShort(true);
      simulator.after(nanos, () -> at.setMemoryShort(false));
    }
  }

  private void restartDestination() {
    String name = "destination " + (destinations.size() + 1);
    simulator.trace(name, () -> "starts without state");
    destinations.add(newDestination(name));
    destination().start();
  }

  private void dispose() {
    source.dispose();
    destinations.forEach(DestinationNode::dispose);
  }
}
