package io.faultline.source.journal;

import io.faultline.source.journal.state.StandingValue;

/** How far a migration had come, and so whose its VM is. */
public enum JournalStage {
  /** The VM ran in the source's process, and is gone with it: memory alone is no VM. */
  RUNS_HERE(StandingValue.STANDING_RUNS_HERE),
  /** The VM was paused at the source, its state kept: it can go on there. */
  PAUSED(StandingValue.STANDING_PAUSED),
  /** The VM is the destination's, which may have yet to be told. */
  COMMITTED(StandingValue.STANDING_COMMITTED);

  private final StandingValue value;

  JournalStage(StandingValue value) {
    this.value = value;
  }

  StandingValue value() {
    return value;
  }

  static JournalStage of(StandingValue value) {
    for (JournalStage each : values()) {
      if (each.value == value) {
        return each;
      }
    }
    throw new IllegalArgumentException("a standing of " + value);
  }
}
