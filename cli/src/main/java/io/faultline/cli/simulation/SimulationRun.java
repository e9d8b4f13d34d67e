package io.faultline.cli.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run: two nodes, a guest, a network, and what goes wrong, all from one seed. Belongs to one
 * thread.
 */
final class SimulationRun {
  private static final long START_NANOS = 2_000_000;
  private static final long RESTART_NANOS = 2_000_000_000L;

  private final long seed;
  private final Plan plan;
  private final Bug bug;
  private final BufferPool stock;
  private final Trace trace;
  private final World world;
  private final InvariantLog rules;
  private final Network network;
  private final Guest guest;
  private final FaultInjector injectedFaults;
  private final SourceNode source;
  private final List<DestinationNode> destinations = new ArrayList<>();

  private SimulationRun(long seed, Bug bug, BufferPool stock, Trace trace) {
    this.seed = seed;
    this.bug = bug;
    this.stock = stock;
    this.trace = trace;
    world = new World(seed, trace);
    plan = Plan.of(world.random().split());
    world.tell("plan", plan::describe);
    rules = new InvariantLog(world);
    network = new Network(world, plan.latencyNanos(), bug.tampering());
    guest = new Guest(world, rules, plan);
    injectedFaults = new FaultInjector(world, network, plan.injectedFaults(), this::happen);
    source = new SourceNode(host("source"), guest, plan);
    destinations.add(newDestination("destination"));
  }

  /**
   * Plays one run.
   *
   * @param lines gets the trace; null where nobody reads it
   */
  static RunResult of(long seed, Bug bug, BufferPool stock, @Nullable Consumer<String> lines) {
    SimulationRun run = new SimulationRun(seed, bug, stock, new Trace(lines));
    try {
      return run.play();
    } finally {
      run.dispose();
    }
  }

  private SimulatedHost host(String name) {
    return new SimulatedHost(new SimulatedProcess(name, world), network, stock);
  }

  private DestinationNode newDestination(String name) {
    return new DestinationNode(host(name), guest, plan, bug);
  }

  /** The one that runs now, or ran last. */
  private DestinationNode destination() {
    return destinations.getLast();
  }

  private RunResult play() {
    destination().start();
    world.after(world.random().nextLong(START_NANOS), source::start);
    RunEnd end = new RunEnd(plan, world, injectedFaults, source, destinations);
    BufferBounds bounds = new BufferBounds(rules, source);
    ServedInTime served = new ServedInTime(world, rules, guest, injectedFaults);
    if (bug != Bug.DUPLICATE_ACCEPTED) { // which must be found by what it does at the destination
      network.watch(new SentOnce(rules)::see);
    }
    network.watch(served::see);
    while (rules.broken() == null && !end.isNear() && world.step()) {
      guest.check();
      injectedFaults.look();
      served.check();
      bounds.check(destination().host(), world.happened());
    }
    EndStateCheck verdict =
        new EndStateCheck(plan, rules, guest, injectedFaults, source, destinations);
    Ending ending = verdict.judge();
    world.tell("verdict", () -> ending + ": " + verdict.reason());
    return new RunResult(
        seed,
        ending,
        verdict.reason(),
        injectedFaults.came(),
        verdict.recoveries(),
        world.happened(),
        trace.sum());
  }

  /** What goes wrong with the nodes. */
  private void happen(InjectedFault fault) {
    SimulatedProcess there = destination().host().process();
    SimulatedProcess here = source.host().process();
    switch (fault.kind()) {
      case STOP_SOURCE -> here.stop(fault.nanos() / 2);
      case STOP_DESTINATION -> there.stop(fault.nanos() / 2);
      case CANCEL -> {
        world.tell("source", () -> "is told to cancel");
        source.cancel();
      }
      case KILL_SOURCE -> here.kill(world.random().nextBoolean());
      case KILL_DESTINATION -> there.kill(world.random().nextBoolean());
      case KILL_AND_RESTART_DESTINATION -> {
        there.kill(world.random().nextBoolean());
        world.after(world.random().nextLong(RESTART_NANOS), this::restartDestination);
      }
      default -> throw new IllegalStateException("not of a node: " + fault);
    }
  }

  private void restartDestination() {
    world.tell("network", () -> "has a new destination, which knows nothing");
    destinations.add(newDestination("destination " + (destinations.size() + 1)));
    destination().start();
  }

  private void dispose() {
    source.dispose();
    destinations.forEach(DestinationNode::dispose);
  }
}
