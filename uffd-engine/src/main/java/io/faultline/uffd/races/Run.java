package io.faultline.uffd.races;

import java.util.List;

/**
 * How a run went.
 *
 * @param end how it ended
 * @param moves what was done, in order
 */
record Run(End end, List<Move> moves) {
  /** Ends of a run. */
  enum End {
    /** All threads came to their end. */
    FINISHED,
    /** A thread sleeps, and nobody is left who could wake it. */
    HUNG,
    /** The chooser had seen enough. */
    CUT
  }

  Run {
    moves = List.copyOf(moves);
  }
}
