package io.faultline.cli.simulation;

import io.faultline.cli.simulation.network.Connection;
import io.faultline.cli.simulation.network.Network;
import io.faultline.cli.simulation.network.WireFrame;
import io.faultline.cli.simulation.plan.InjectedFault;
import io.faultline.cli.simulation.runtime.Simulator;
import io.faultline.proto.wire.Frame.BodyCase;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/** Injects the faults of a plan when their triggers fire. */
final class FaultInjector {
  /** Longer than any run. */
  private static final long FOREVER_NANOS = 1L << 50;

  private final Simulator simulator;
  private final Network network;
  private final Consumer<InjectedFault> nodeFaults;
  private final Function<InjectedFault.Kind, String> states;
  private final List<InjectedFault> pending;
  private final Map<BodyCase, Integer> frames = new EnumMap<>(BodyCase.class);
  private final Map<InjectedFault.Kind, Integer> injected = new EnumMap<>(InjectedFault.Kind.class);
  private final Set<String> hangs = new TreeSet<>();
  private long quietFromNanos;
  private boolean networkGone;
  private boolean nodeGone;

  /**
   * @param nodeFaults injects the faults of nodes; those of the network are injected here
   * @param states the state of the node that a kind of fault stops
   */
  FaultInjector(
      Simulator simulator,
      Network network,
      List<InjectedFault> planned,
      Consumer<InjectedFault> nodeFaults,
      Function<InjectedFault.Kind, String> states) {
    this.simulator = simulator;
    this.network = network;
    this.nodeFaults = nodeFaults;
    this.states = states;
    pending = new ArrayList<>(planned);
    network.watch((from, frame) -> onFrame(frame));
    for (InjectedFault each : planned) {
      if (each.trigger() == InjectedFault.Trigger.TIME) {
        simulator.after(each.number() * 1000, () -> fire(each));
      }
    }
  }

  /** When the last of the faults injected so far ends. */
  long quietFromNanos() {
    return quietFromNanos;
  }

  /** Whether the network is down permanently. */
  boolean isNetworkGone() {
    return networkGone;
  }

  /** Whether no node was killed and the network is not down permanently. */
  boolean canConnect() {
    return !networkGone && !nodeGone;
  }

  /** How many faults of each kind were injected. */
  Map<InjectedFault.Kind, Integer> injected() {
    return injected;
  }

  /** Which node hung in which state. */
  Set<String> hangs() {
    return hangs;
  }

  /** Called after each event. */
  void afterEvent() {
    for (int i = pending.size() - 1; i >= 0; i--) {
      InjectedFault each = pending.get(i);
      boolean due =
          switch (each.trigger()) {
            case EVENT -> simulator.eventCount() >= each.number();
            case STATE -> states.apply(each.kind()).equals(each.state());
            default -> false;
          };
      if (due) {
        fire(each);
      }
    }
  }

  private void onFrame(WireFrame frame) {
    int number = frames.merge(frame.kind(), 1, Integer::sum) - 1;
    for (InjectedFault each : List.copyOf(pending)) {
      if (each.trigger() == InjectedFault.Trigger.FRAME
          && each.frame() == frame.kind()
          && each.number() == number) {
        fire(each);
      }
    }
  }

  private void fire(InjectedFault fault) {
    if (pending.remove(fault)) {
      simulator.after(fault.delayNanos(), () -> inject(fault));
    }
  }

  private void inject(InjectedFault fault) {
    quietFromNanos = Math.max(quietFromNanos, simulator.nowNanos() + durationNanos(fault));
    injected.merge(fault.kind(), 1, Integer::sum);
    switch (fault.kind()) {
      case CUT_CONTROL -> open(connection -> !connection.isBulk()).forEach(Connection::cut);
      case CUT_BULK -> onRandom(open(Connection::isBulk), Connection::cut);
      case CUT_BOTH -> open(connection -> true).forEach(Connection::cut);
      case HALF_CLOSE -> onRandom(open(connection -> true), this::halfClose);
      case SILENCE -> onRandom(open(connection -> true), Connection::silence);
      case BLACKHOLE -> network.blackhole(fault.durationNanos());
      case OUTAGE -> network.outage(fault.durationNanos() / 4);
      case SLOW -> network.slow(fault.durationNanos() / 8);
      case CORRUPT ->
          network.corruptNext(
              simulator.random().nextBoolean() ? WireFrame.Part.PAGES : WireFrame.Part.CONTROL);
      case REPEAT -> onRandom(network.connections(), network::replay);
      case NEVER_AGAIN -> {
        networkGone = true;
        network.blackhole(FOREVER_NANOS);
      }
      default -> {
        boolean hang = fault.kind().isHang();
        if (hang) {
          hangs.add(fault.kind() + " in " + states.apply(fault.kind()));
        }
        nodeGone |= fault.kind().killsNode() || (hang && fault.durationNanos() == 0);
        nodeFaults.accept(fault);
      }
    }
  }

  /** A silent connection lasts until its timeout, other faults as long as planned. */
  private static long durationNanos(InjectedFault fault) {
    boolean silent = fault.kind() == InjectedFault.Kind.SILENCE;
    return silent ? Connection.SILENCE_NANOS : fault.durationNanos();
  }

  private void halfClose(Connection connection) {
    connection.halfClose(
        simulator.random().nextBoolean() ? connection.client() : connection.server());
  }

  private void onRandom(List<Connection> connections, Consumer<Connection> action) {
    if (!connections.isEmpty()) {
      action.accept(connections.get(simulator.random().nextInt(connections.size())));
    }
  }

  private List<Connection> open(Predicate<Connection> wanted) {
    return network.connections().stream().filter(Connection::isOpen).filter(wanted).toList();
  }
}
