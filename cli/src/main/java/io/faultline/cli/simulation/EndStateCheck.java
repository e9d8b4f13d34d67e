package io.faultline.cli.simulation;

import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds the end of a run to what is promised. */
final class EndStateCheck {
  private final Plan plan;
  private final InvariantLog rules;
  private final Guest guest;
  private final FaultInjector injectedFaults;
  private final SourceNode source;
  private final List<DestinationNode> destinations;
  private final @Nullable OutgoingReport here;
  private String reason = "";

  EndStateCheck(
      Plan plan,
      InvariantLog rules,
      Guest guest,
      FaultInjector injectedFaults,
      SourceNode source,
      List<DestinationNode> destinations) {
    this.plan = plan;
    this.rules = rules;
    this.guest = guest;
    this.injectedFaults = injectedFaults;
    this.source = source;
    this.destinations = destinations;
    here = source.report();
  }

  /** Why it ended as it did. */
  String reason() {
    return reason;
  }

  /** How often the source made its connections again. */
  long recoveries() {
    return here == null ? 0 : here.recoveries();
  }

  Ending judge() {
    Ending ending = Ending.BROKEN;
    if (rules.broken() == null) {
      nobodyBroke();
      ending = classify();
      checkMemory(ending);
      checkBuffers();
    }
    String broken = rules.broken();
    if (broken == null) {
      return ending;
    }
    reason = broken;
    return Ending.BROKEN;
  }

  private Ending classify() {
    boolean calm = injectedFaults.came().isEmpty();
    rules.require(!calm || recoveries() == 0, "nothing went wrong, and yet connections were lost");
    DestinationNode completed = completed();
    if (completed != null) {
      return sourceIs(OutgoingState.COMPLETED) ? end(Ending.COMPLETED, "all arrived") : unheard();
    }
    if (sourceIs(OutgoingState.COMPLETED)) {
      boolean gone = !isAlive(destinations.getFirst());
      rules.require(gone, "the source believes that all arrived; the destination does not");
      return end(Ending.LOST, "the destination is gone");
    }
    if (here != null && !here.committed()) {
      return resumed(here);
    }
    return unfinished();
  }

  private Ending unheard() {
    rules.require(
        !injectedFaults.came().isEmpty(), "nothing went wrong, and yet the source did not hear");
    return end(
        Ending.COMPLETED_UNHEARD,
        isAlive(source) ? "the source: " + source.standing() : "the source is gone");
  }

  private Ending resumed(OutgoingReport report) {
    String error = String.valueOf(report.error());
    boolean asked = error.startsWith("precopy does not converge");
    rules.require(
        asked || !injectedFaults.came().isEmpty(), "nothing went wrong, and yet: " + error);
    rules.require(!guest.startedAtDestination(), "the source ended, and the VM runs elsewhere");
    if (!isAlive(source)) {
      return end(Ending.LOST, "the source is gone");
    }
    rules.require(
        guest.place() == Guest.Place.SOURCE, "the source ended, and the VM does not run: " + error);
    return end(Ending.RESUMED, error);
  }

  /** Neither completed nor gone on at the source. */
  private Ending unfinished() {
    DestinationNode first = destinations.getFirst();
    if (!isAlive(source)) {
      return guest.startedAtDestination() && isAlive(first)
          ? alone(first)
          : end(Ending.LOST, "the source is gone, and the VM with it");
    }
    if (!isAlive(first)) {
      boolean lost = guest.startedAtDestination();
      rules.require(
          here == null || plan.givesUp(),
          "the source gave up and was not told to: " + (here == null ? "" : here.error()));
      return end(lost ? Ending.LOST : Ending.WAITING, "the destination is gone");
    }
    if (plan.givesUp() && (here != null || first.report() != null)) {
      return end(Ending.GIVEN_UP, here != null ? String.valueOf(here.error()) : "the destination");
    }
    rules.require(
        injectedFaults.isNetworkGone() && here == null && first.report() == null,
        "both ends are there, and yet the migration does not end: the source "
            + (here == null ? source.standing() : here.state() + " " + here.error())
            + ", the destination "
            + first.state());
    return end(Ending.WAITING, "there is no network");
  }

  /** The VM runs at a destination whose source is gone. */
  private Ending alone(DestinationNode destination) {
    IncomingReport report = destination.report();
    if (report == null) {
      return end(Ending.WAITING, "the source is gone");
    }
    rules.require(plan.givesUp(), "a destination gave up and was not told to: " + report.error());
    return end(Ending.GIVEN_UP, String.valueOf(report.error()));
  }

  private Ending end(Ending how, String why) {
    reason = why;
    return how;
  }

  /** No node may end because something broke in it. */
  private void nobodyBroke() {
    requireNoBug(here == null ? null : here.error());
    for (DestinationNode each : destinations) {
      IncomingReport report = each.report();
      requireNoBug(report == null ? null : report.error());
    }
  }

  private void requireNoBug(@Nullable String error) {
    boolean broke =
        error != null
            && (error.contains(" broke: ")
                || error.contains("Exception")
                || error.startsWith("reading faults failed"));
    rules.require(!broke, "something broke: " + error);
  }

  private void checkMemory(Ending ending) {
    DestinationNode completed = completed();
    if (completed != null && isAlive(completed)) {
      guest.checkAll(completed.regions());
      String asleep = guest.asleep();
      rules.require(asleep.isEmpty(), "all arrived, and still asleep: " + asleep);
    } else if (ending == Ending.RESUMED) {
      guest.checkAll(source.regions());
    }
  }

  /** Where both ends have ended by themselves, all buffers are released. */
  private void checkBuffers() {
    DestinationNode last = destinations.getLast();
    boolean ended = here != null && last.report() != null;
    if (ended && isAlive(source) && isAlive(last)) {
      requireReleased(source.host());
      requireReleased(last.host());
    }
  }

  private void requireReleased(SimulatedHost host) {
    long left = host.allocator().bytesOut();
    rules.require(left == 0, host.process().name() + " has not released " + left + " bytes");
  }

  private @Nullable DestinationNode completed() {
    for (DestinationNode each : destinations) {
      IncomingReport report = each.report();
      if (report != null && report.state() == IncomingState.COMPLETED) {
        return each;
      }
    }
    return null;
  }

  private boolean sourceIs(OutgoingState state) {
    return here != null && here.state() == state;
  }

  private static boolean isAlive(SourceNode node) {
    return node.host().process().isAlive();
  }

  private static boolean isAlive(DestinationNode node) {
    return node.host().process().isAlive();
  }
}
