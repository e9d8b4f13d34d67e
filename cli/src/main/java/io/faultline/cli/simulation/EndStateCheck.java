package io.faultline.cli.simulation;

import io.faultline.cli.simulation.guest.Guest;
import io.faultline.cli.simulation.node.DestinationNode;
import io.faultline.cli.simulation.node.SimulatedEnvironment;
import io.faultline.cli.simulation.node.SourceNode;
import io.faultline.cli.simulation.plan.RunPlan;
import io.faultline.cli.simulation.runtime.InvariantLog;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the end of a run against the guarantees, and classifies it. */
final class EndStateCheck {
  private final RunPlan plan;
  private final InvariantLog invariants;
  private final Guest guest;
  private final FaultInjector injector;
  private final SourceNode source;
  private final List<DestinationNode> destinations;
  private final @Nullable OutgoingReport sourceReport;
  private String reason = "";

  EndStateCheck(
      RunPlan plan,
      InvariantLog invariants,
      Guest guest,
      FaultInjector injector,
      SourceNode source,
      List<DestinationNode> destinations) {
    this.plan = plan;
    this.invariants = invariants;
    this.guest = guest;
    this.injector = injector;
    this.source = source;
    this.destinations = destinations;
    sourceReport = source.report();
  }

  /** Why the run ended as it did. */
  String reason() {
    return reason;
  }

  /** How often the source re-established its connections. */
  long recoveries() {
    return sourceReport == null ? 0 : sourceReport.recoveries();
  }

  RunOutcome check() {
    RunOutcome outcome = RunOutcome.INVARIANT_VIOLATED;
    if (invariants.violation() == null) {
      checkForInternalErrors();
      checkWaits();
      outcome = classify();
      checkMemory(outcome);
      checkBuffers();
    }
    String violation = invariants.violation();
    if (violation == null) {
      return outcome;
    }
    reason = violation;
    return RunOutcome.INVARIANT_VIOLATED;
  }

  /** A node that waits has noticed that its peer is lost, or waits for its first peer. */
  private void checkWaits() {
    if (isAlive(source) && sourceReport == null) {
      OutgoingState state = source.state();
      invariants.require(
          state == OutgoingState.PAUSED || state == OutgoingState.RECOVERING,
          "the source has not noticed that its destination is lost: " + state);
    }
    for (DestinationNode each : destinations) {
      if (isAlive(each) && each.report() == null) {
        IncomingState state = each.state();
        invariants.require(
            state == IncomingState.PAUSED || state == IncomingState.LISTENING,
            "the destination has not noticed that its source is lost: " + state);
      }
    }
  }

  private RunOutcome classify() {
    invariants.require(
        faultsInjected() || recoveries() == 0,
        "connections were lost without an injected fault; " + destinations.getFirst().lastLoss());
    DestinationNode completed = completed();
    if (completed != null) {
      return sourceIs(OutgoingState.COMPLETED)
          ? end(RunOutcome.COMPLETED, "all pages received")
          : unconfirmed();
    }
    if (sourceIs(OutgoingState.COMPLETED)) {
      boolean gone = !isAlive(destinations.getFirst());
      invariants.require(gone, "the source completed the migration, but the destination did not");
      return end(RunOutcome.LOST, "the destination is gone");
    }
    if (sourceReport != null && !sourceReport.committed()) {
      return resumed(sourceReport);
    }
    return unfinished();
  }

  private RunOutcome unconfirmed() {
    invariants.require(
        faultsInjected(), "no fault was injected, but the source was not notified of the end");
    return end(
        RunOutcome.COMPLETED_UNCONFIRMED,
        isAlive(source) ? "the source: " + source.status() : "the source is gone");
  }

  private RunOutcome resumed(OutgoingReport report) {
    String error = String.valueOf(report.error());
    boolean expected = error.startsWith("precopy does not converge");
    invariants.require(
        expected || faultsInjected(), "the migration failed without an injected fault: " + error);
    invariants.require(
        !guest.startedAtDestination(),
        "the source ended uncommitted, but the VM was started at the destination");
    if (!isAlive(source)) {
      return end(RunOutcome.LOST, "the source is gone");
    }
    invariants.require(
        guest.location() == Guest.Location.SOURCE,
        "the source ended uncommitted, but did not resume the VM: " + error);
    return end(RunOutcome.RESUMED, error);
  }

  /** The migration has neither completed nor been abandoned before the commit point. */
  private RunOutcome unfinished() {
    DestinationNode first = destinations.getFirst();
    if (!isAlive(source)) {
      return guest.startedAtDestination() && isAlive(first)
          ? withoutSource(first)
          : end(RunOutcome.LOST, "the source is gone, and the VM with it");
    }
    if (!isAlive(first)) {
      boolean lost = guest.startedAtDestination();
      invariants.require(
          sourceReport == null || plan.givesUp(),
          "the source gave up although no time limit was set: "
              + (sourceReport == null ? "" : sourceReport.error()));
      return end(lost ? RunOutcome.LOST : RunOutcome.WAITING, "the destination is gone");
    }
    if (plan.givesUp() && (sourceReport != null || first.report() != null)) {
      return end(
          RunOutcome.GIVEN_UP,
          sourceReport != null ? String.valueOf(sourceReport.error()) : "the destination");
    }
    invariants.require(
        injector.isNetworkGone() && sourceReport == null && first.report() == null,
        "both nodes are up, but the migration does not end: the source "
            + (sourceReport == null
                ? source.status()
                : sourceReport.state() + " " + sourceReport.error())
            + ", the destination "
            + first.state());
    return end(RunOutcome.WAITING, "the network is down");
  }

  /** The VM runs at a destination whose source is gone. */
  private RunOutcome withoutSource(DestinationNode destination) {
    IncomingReport report = destination.report();
    if (report == null) {
      return end(RunOutcome.WAITING, "the source is gone");
    }
    invariants.require(
        plan.givesUp(),
        "the destination gave up although no time limit was set: " + report.error());
    return end(RunOutcome.GIVEN_UP, String.valueOf(report.error()));
  }

  private RunOutcome end(RunOutcome outcome, String why) {
    reason = why;
    return outcome;
  }

  private boolean faultsInjected() {
    return !injector.injected().isEmpty();
  }

  /** No node may end because of an internal error. */
  private void checkForInternalErrors() {
    requireNoBug(sourceReport == null ? null : sourceReport.error());
    for (DestinationNode each : destinations) {
      IncomingReport report = each.report();
      requireNoBug(report == null ? null : report.error());
    }
  }

  private void requireNoBug(@Nullable String error) {
    boolean internal =
        error != null
            && (error.contains(" broke: ")
                || error.contains("internal error")
                || error.contains("Exception")
                || error.startsWith("reading faults failed"));
    invariants.require(!internal, "internal error in a node: " + error);
  }

  private void checkMemory(RunOutcome outcome) {
    DestinationNode completed = completed();
    if (completed != null && isAlive(completed)) {
      guest.checkAll(completed.regions());
      String waiting = guest.waiting();
      invariants.require(
          waiting.isEmpty(), "the migration completed, but vCPUs still wait: " + waiting);
    } else if (outcome == RunOutcome.RESUMED) {
      guest.checkAll(source.regions());
    }
  }

  /** If both nodes have ended on their own, they have released all buffers. */
  private void checkBuffers() {
    DestinationNode last = destinations.getLast();
    boolean ended = sourceReport != null && last.report() != null;
    if (ended && isAlive(source) && isAlive(last)) {
      requireReleased(source.environment());
      requireReleased(last.environment());
    }
  }

  private void requireReleased(SimulatedEnvironment environment) {
    long bytes = environment.allocator().allocatedBytes();
    invariants.require(
        bytes == 0, environment.process().name() + " has not released " + bytes + " bytes");
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
    return sourceReport != null && sourceReport.state() == state;
  }

  private static boolean isAlive(SourceNode node) {
    return node.environment().process().isWorking();
  }

  private static boolean isAlive(DestinationNode node) {
    return node.environment().process().isWorking();
  }
}
