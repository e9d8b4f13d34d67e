package io.faultline.cli.report.page;

import io.faultline.cli.recording.DestinationSide;
import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.recording.SourceSide;
import io.faultline.dest.recording.IncomingMilestones;
import io.faultline.dest.recording.OutageLog;
import io.faultline.source.recording.OutgoingEvents;
import io.faultline.source.recording.OutgoingMilestones;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What each side did when. Times are of the source's clock if there is a source, otherwise of the
 * destination's; if there are both, they are the same clock.
 */
final class Phases {
  private final List<Phase> source = new ArrayList<>();
  private final List<Phase> destination = new ArrayList<>();
  private final OutgoingMilestones out;
  private final IncomingMilestones in;
  private long startNanos;
  private long preparedNanos;
  private long endNanos;

  /**
   * A phase.
   *
   * @param name also the class of its style
   * @param title for the user
   * @param startNanos when it started
   * @param endNanos when it ended
   */
  record Phase(String name, String title, long startNanos, long endNanos) {}

  private Phases(OutgoingMilestones out, IncomingMilestones in) {
    this.out = out;
    this.in = in;
  }

  static Phases of(MigrationRecording recording) {
    SourceSide from = recording.source();
    DestinationSide to = recording.destination();
    Phases phases =
        new Phases(
            from == null ? OutgoingMilestones.NONE : from.events().milestones(),
            to == null ? IncomingMilestones.NONE : to.events().milestones());
    phases.findRange();
    if (from != null) {
      phases.addSource(from.events());
    }
    if (to != null) {
      phases.addDestination(to.events().outages());
    }
    return phases;
  }

  private void findRange() {
    startNanos = out.startedNanos() != 0 ? out.startedNanos() : in.startedNanos();
    preparedNanos = out.preparedNanos() != 0 ? out.preparedNanos() : in.preparedNanos();
    endNanos = Math.max(out.endedNanos(), in.endedNanos());
    endNanos = Math.max(endNanos, startNanos);
    preparedNanos = preparedNanos == 0 ? endNanos : preparedNanos;
  }

  /** When the migration started. */
  long startNanos() {
    return startNanos;
  }

  /** When the destination had prepared its memory; the end if it has not. */
  long preparedNanos() {
    return preparedNanos;
  }

  /** When the migration ended, on the side that ended last. */
  long endNanos() {
    return endNanos;
  }

  List<Phase> source() {
    return source;
  }

  List<Phase> destination() {
    return destination;
  }

  /** When the VM was paused; 0 if it was not, or is not known. */
  long pauseNanos() {
    return out.pauseNanos();
  }

  /**
   * When the VM ran at the destination; 0 if it did not, or is not known. If the source measured
   * it, its time, so that the downtime is that of the result.
   */
  long firstInstructionNanos() {
    return out.firstInstructionNanos() != 0
        ? out.firstInstructionNanos()
        : in.firstInstructionNanos();
  }

  /** Whether the connection was lost. */
  boolean hasLosses() {
    return Stream.concat(source.stream(), destination.stream())
        .anyMatch(phase -> phase.name().equals("paused"));
  }

  /** The steps of the source. */
  OutgoingMilestones out() {
    return out;
  }

  /** The steps of the destination. */
  IncomingMilestones in() {
    return in;
  }

  private void addSource(OutgoingEvents events) {
    long end = out.endedNanos();
    List<OutgoingEvents.State> states = events.states();
    for (int i = 0; i < states.size(); i++) {
      OutgoingEvents.State state = states.get(i);
      long from = i == 0 && state.name().equals("SETUP") ? startNanos : state.startNanos();
      long to = i + 1 < states.size() ? states.get(i + 1).startNanos() : end;
      switch (state.name()) {
        case "PRECOPY" -> addRounds(events.rounds(), from, to);
        case "SETUP", "SWITCHOVER", "POSTCOPY" ->
            add(source, state.name(), title(state.name()), from, to);
        case "PAUSED" -> add(source, "PAUSED", "paused: " + state.reason(), from, to);
        case "RECOVERING" -> add(source, "RECOVERING", "recovering", from, to);
        default -> {} // the end
      }
    }
  }

  private void addRounds(List<OutgoingEvents.Round> rounds, long from, long to) {
    long start = from;
    for (OutgoingEvents.Round round : rounds) {
      add(source, "PRECOPY", "precopy round " + round.number(), start, round.endNanos());
      start = round.endNanos();
    }
    if (to - start > 0) {
      add(source, "PRECOPY", rounds.isEmpty() ? "precopy" : "end of precopy", start, to);
    }
  }

  private static String title(String state) {
    return state.equals("SETUP") ? "set-up" : state.toLowerCase(Locale.ROOT);
  }

  private void addDestination(List<OutageLog.Outage> outages) {
    long end = in.endedNanos();
    long prepared = in.preparedNanos() == 0 ? end : in.preparedNanos();
    add(destination, "SETUP", "set-up", Math.max(startNanos, in.startedNanos()), prepared);
    long load = in.stateArrivedNanos() == 0 ? end : in.stateArrivedNanos();
    if (in.preparedNanos() != 0) {
      add(destination, "PRECOPY", "receiving", prepared, load);
    }
    if (in.stateArrivedNanos() != 0) {
      long run = in.firstInstructionNanos() == 0 ? end : in.firstInstructionNanos();
      add(destination, "SWITCHOVER", "switchover", load, run);
    }
    if (in.firstInstructionNanos() != 0) {
      long next = in.firstInstructionNanos();
      for (OutageLog.Outage outage : outages) {
        long back = outage.endNanos() == 0 ? end : outage.endNanos();
        add(destination, "POSTCOPY", "running", next, outage.startNanos());
        add(destination, "PAUSED", "no source: " + outage.reason(), outage.startNanos(), back);
        next = back;
      }
      add(destination, "POSTCOPY", "running", next, end);
    }
  }

  private static void add(List<Phase> to, String name, String title, long start, long end) {
    if (end - start > 0) {
      to.add(new Phase(name.toLowerCase(Locale.ROOT), title, start, end));
    }
  }
}
