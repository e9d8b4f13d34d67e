package io.faultline.source.journal;

import io.faultline.source.journal.state.StandingValue;

/** How far a migration got, and so which side owns the VM. */
public enum JournalStage {
  /**
   * The VM was not paused. If it ran in the source process, it ended with that: its memory alone is
   * no VM.
   */
  RUNS_HERE(StandingValue.STANDING_RUNS_HERE),
  /** The VM was paused at the source, and its state recorded: it can resume there. */
  PAUSED(StandingValue.STANDING_PAUSED),
  /** The destination owns the VM, even if RUN has not arrived yet. */
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
    throw new IllegalArgumentException("unknown stage " + value);
  }
}
