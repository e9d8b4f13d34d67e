package io.faultline.source;

/**
 * Decides after each precopy round what to do next. A pure function of the measurements, except for
 * the number of consecutive rounds that did not converge.
 */
final class PrecopyPolicy {
  /** A round converges if at most this fraction of what it sent is dirty afterwards. */
  private static final double MAX_DIRTY_FRACTION = 0.9;

  /** Precopy mode ends after this many consecutive rounds that do not converge. */
  private static final int MAX_STAGNANT_ROUNDS = 2;

  private static final int MAX_ROUNDS = 50;

  private final MigrationMode mode;
  private final PrecopySettings settings;
  private int stagnantRounds;

  /** What to do next. */
  enum Step {
    /** Send another round, with the VM running. */
    NEXT_ROUND,
    /** Switch over, and send the dirty pages afterwards. */
    POSTCOPY,
    /** Pause the VM, send the dirty pages, then switch over. */
    STOP_AND_COPY,
    /** Fail: the dirty pages do not fit into the downtime limit, and postcopy is not allowed. */
    GIVE_UP
  }

  PrecopyPolicy(MigrationMode mode, PrecopySettings settings) {
    this.mode = mode;
    this.settings = settings;
  }

  /**
   * Decides after a round.
   *
   * @param round the number of the round, from 1
   * @param sentBytes what the round sent
   * @param roundNanos how long that took, until the destination had placed it
   * @param dirtyBytes what is dirty now
   * @param elapsedNanos time since the first round started
   */
  Step after(int round, long sentBytes, long roundNanos, long dirtyBytes, long elapsedNanos) {
    boolean stagnant = dirtyBytes > MAX_DIRTY_FRACTION * sentBytes;
    stagnantRounds = stagnant ? stagnantRounds + 1 : 0;
    return step(stagnant, round, sentBytes, roundNanos, dirtyBytes, elapsedNanos);
  }

  /**
   * Like {@link #after}, for a round that the user has paused. The pages written in the pause say
   * nothing about whether rounds converge, so such a round counts neither way.
   */
  Step afterPausedRound(
      int round, long sentBytes, long roundNanos, long dirtyBytes, long elapsedNanos) {
    return step(false, round, sentBytes, roundNanos, dirtyBytes, elapsedNanos);
  }

  private Step step(
      boolean stagnant,
      int round,
      long sentBytes,
      long roundNanos,
      long dirtyBytes,
      long elapsedNanos) {
    if (mode == MigrationMode.HYBRID) {
      boolean enough = round >= settings.maxRounds() || isTimeUp(elapsedNanos);
      return enough || stagnant || dirtyBytes == 0 ? Step.POSTCOPY : Step.NEXT_ROUND;
    }
    if (fits(sentBytes, roundNanos, dirtyBytes)) {
      return Step.STOP_AND_COPY;
    }
    if (stagnantRounds < MAX_STAGNANT_ROUNDS && round < MAX_ROUNDS && !isTimeUp(elapsedNanos)) {
      return Step.NEXT_ROUND;
    }
    return settings.postcopyAllowed() ? Step.POSTCOPY : Step.GIVE_UP;
  }

  /** Whether precopy has reached its time limit. */
  boolean isTimeUp(long elapsedNanos) {
    return elapsedNanos >= settings.maxTime().toNanos();
  }

  /** Whether the dirty pages can be sent within the downtime limit, at the rate of this round. */
  private boolean fits(long sentBytes, long roundNanos, long dirtyBytes) {
    double nanosPerByte = sentBytes == 0 ? 0 : (double) roundNanos / sentBytes;
    return dirtyBytes == 0
        || (sentBytes > 0 && dirtyBytes * nanosPerByte <= settings.downtimeLimit().toNanos());
  }
}
