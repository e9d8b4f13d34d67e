package io.faultline.uffd.races;

import java.util.List;

/**
 * The record of a run.
 *
 * @param end how it ended
 * @param actions the actions in order
 */
record Run(End end, List<Action> actions) {
  /** How a run ended. */
  enum End {
    /** All threads finished. */
    FINISHED,
    /** A thread sleeps, and no thread is left that could wake it. */
    HUNG,
    /** The chooser ended it. */
    CUT
  }

  Run {
    actions = List.copyOf(actions);
  }
}
