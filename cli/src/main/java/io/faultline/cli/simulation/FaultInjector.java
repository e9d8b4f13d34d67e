package io.faultline.cli.simulation;

import io.faultline.proto.wire.Frame.BodyCase;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Brings the troubles of a plan when it is time. */
final class FaultInjector {
  /** Longer than any run. */
  private static final long FOR_EVER_NANOS = 1L << 50;

  private final World world;
  private final Network network;
  private final Consumer<InjectedFault> toNodes;
  private final List<InjectedFault> waiting;
  private final Map<BodyCase, Integer> frames = new EnumMap<>(BodyCase.class);
  private final Map<InjectedFault.Kind, Integer> came = new EnumMap<>(InjectedFault.Kind.class);
  private long quietFromNanos;
  private boolean forEver;
  private boolean nodeGone;

  /**
   * @param toNodes does what goes wrong with the nodes, and not with the network
   */
  FaultInjector(
      World world, Network network, List<InjectedFault> planned, Consumer<InjectedFault> toNodes) {
    this.world = world;
    this.network = network;
    this.toNodes = toNodes;
    waiting = new ArrayList<>(planned);
    network.watch((from, frame) -> sent(frame));
    for (InjectedFault each : planned) {
      if (each.when() == InjectedFault.When.TIME) {
        world.after(each.number() * 1000, () -> bring(each));
      }
    }
  }

  /** When the last trouble is over, of those that came. */
  long quietFromNanos() {
    return quietFromNanos;
  }

  /** Whether the network is gone for good. */
  boolean isNetworkGone() {
    return forEver;
  }

  /** Whether both nodes are there, and may be reached again. */
  boolean areBothThere() {
    return !forEver && !nodeGone;
  }

  /** How many of each kind came. */
  Map<InjectedFault.Kind, Integer> came() {
    return came;
  }

  /** Behind each event. */
  void look() {
    for (int i = waiting.size() - 1; i >= 0; i--) {
      InjectedFault each = waiting.get(i);
      if (each.when() == InjectedFault.When.EVENT && world.happened() >= each.number()) {
        bring(each);
      }
    }
  }

  private void sent(WireFrame frame) {
    int number = frames.merge(frame.kind(), 1, Integer::sum) - 1;
    for (InjectedFault each : List.copyOf(waiting)) {
      if (each.when() == InjectedFault.When.FRAME
          && each.frame() == frame.kind()
          && each.number() == number) {
        bring(each);
      }
    }
  }

  private void bring(InjectedFault fault) {
    if (waiting.remove(fault)) {
      world.after(fault.delayNanos(), () -> happen(fault));
    }
  }

  private void happen(InjectedFault fault) {
    quietFromNanos = Math.max(quietFromNanos, world.nowNanos() + lasts(fault));
    came.merge(fault.kind(), 1, Integer::sum);
    switch (fault.kind()) {
      case CUT_CONTROL -> open(link -> !link.isBulk()).forEach(Link::cut);
      case CUT_BULK -> some(open(Link::isBulk), Link::cut);
      case CUT_BOTH -> open(link -> true).forEach(Link::cut);
      case HALF_CLOSE -> some(open(link -> true), this::halfClose);
      case SILENCE -> some(open(link -> true), Link::silence);
      case BLACKHOLE -> network.blackhole(fault.nanos());
      case OUTAGE -> network.outage(fault.nanos() / 4);
      case SLOW -> network.slow(fault.nanos() / 8);
      case CORRUPT ->
          network.corruptNext(
              world.random().nextBoolean() ? WireFrame.Part.PAGES : WireFrame.Part.CONTROL);
      case REPEAT -> some(network.links(), network::repeat);
      case NEVER_AGAIN -> {
        forEver = true;
        network.blackhole(FOR_EVER_NANOS);
      }
      default -> {
        nodeGone |= fault.kind().endsANode();
        toNodes.accept(fault);
      }
    }
  }

  /** A connection that carries nothing any more is noticed by its timeout. */
  private static long lasts(InjectedFault fault) {
    boolean silent = fault.kind() == InjectedFault.Kind.SILENCE;
    return silent ? Link.SILENCE_NANOS : fault.nanos();
  }

  private void halfClose(Link link) {
    link.halfClose(world.random().nextBoolean() ? link.client() : link.server());
  }

  private void some(List<Link> links, Consumer<Link> what) {
    if (!links.isEmpty()) {
      what.accept(links.get(world.random().nextInt(links.size())));
    }
  }

  private List<Link> open(Predicate<Link> which) {
    return network.links().stream().filter(Link::isOpen).filter(which).toList();
  }
}
