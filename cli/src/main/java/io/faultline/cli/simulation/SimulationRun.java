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
  private final BufferStock stock;
  private final Trace trace;
  private final World world;
  private final Rules rules;
  private final Network network;
  private final Guest guest;
  private final Troubles troubles;
  private final SourceNode source;
  private final List<DestinationNode> destinations = new ArrayList<>();

  private SimulationRun(long seed, Bug bug, BufferStock stock, Trace trace) {
    this.seed = seed;
    this.bug = bug;
    this.stock = stock;
    this.trace = trace;
    world = new World(seed, trace);
    plan = Plan.of(world.random().split());
    world.tell("plan", plan::describe);
    rules = new Rules(world);
    network = new Network(world, plan.latencyNanos(), bug.sabotage());
    guest = new Guest(world, rules, plan);
    troubles = new Troubles(world, network, plan.troubles(), this::happen);
    source = new SourceNode(host("source"), guest, plan);
    destinations.add(newDestination("destination"));
  }

  /**
   * Plays one run.
   *
   * @param lines gets the trace; null where nobody reads it
   */
  static RunResult of(long seed, Bug bug, BufferStock stock, @Nullable Consumer<String> lines) {
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
    End end = new End(plan, world, troubles, source, destinations);
    Bounds bounds = new Bounds(rules, source);
    ServedInTime served = new ServedInTime(world, rules, guest, troubles);
    if (bug != Bug.DUPLICATE_ACCEPTED) { // which must be found by what it does at the destination
      network.watch(new SentOnce(rules)::see);
    }
    network.watch(served::see);
    while (rules.broken() == null && !end.isNear() && world.step()) {
      guest.check();
      troubles.look();
      served.check();
      bounds.check(destination().host(), world.happened());
    }
    Verdict verdict = new Verdict(plan, rules, guest, troubles, source, destinations);
    Ending ending = verdict.judge();
    world.tell("verdict", () -> ending + ": " + verdict.reason());
    return new RunResult(
        seed,
        ending,
        verdict.reason(),
        troubles.came(),
        verdict.recoveries(),
        world.happened(),
        trace.sum());
  }

  /** What goes wrong with the nodes. */
  private void happen(Trouble trouble) {
    SimulatedProcess there = destination().host().process();
    SimulatedProcess here = source.host().process();
    switch (trouble.kind()) {
      case STOP_SOURCE -> here.stop(trouble.nanos() / 2);
      case STOP_DESTINATION -> there.stop(trouble.nanos() / 2);
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
      default -> throw new IllegalStateException("not of a node: " + trouble);
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
