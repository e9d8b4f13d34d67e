package io.faultline.source.recording;

import java.util.ArrayList;
import java.util.List;

/**
 * Records one outgoing migration: its states and its precopy rounds, up to {@value #MAX} of each.
 * The control loop writes, a few times in a migration. Read {@link #events} once the source is
 * closed.
 */
public final class OutgoingRecording {
  static final int MAX = 1000;

  private final List<OutgoingEvents.State> states = new ArrayList<>();
  private final List<OutgoingEvents.Round> rounds = new ArrayList<>();
  private OutgoingMilestones milestones = OutgoingMilestones.NONE;
  private long unrecorded;

  /**
   * The migration is in this state; only a change is recorded. Control loop.
   *
   * @param reason why the connection was lost; empty in other states
   */
  public void state(String name, long nowNanos, String reason) {
    boolean same = !states.isEmpty() && states.getLast().name().equals(name);
    if (!same) {
      add(states, new OutgoingEvents.State(name, nowNanos, reason));
    }
  }

  /** A precopy round has ended. Control loop. */
  public void round(OutgoingEvents.Round round) {
    add(rounds, round);
  }

  /** The migration has ended. Control loop. */
  public void ended(OutgoingMilestones times) {
    milestones = times;
  }

  /** What was recorded. Any thread, once the source is closed. */
  public OutgoingEvents events() {
    return new OutgoingEvents(milestones, List.copyOf(states), List.copyOf(rounds), unrecorded);
  }

  private <T> void add(List<T> list, T event) {
    if (list.size() < MAX) {
      list.add(event);
    } else {
      unrecorded++;
    }
  }
}
