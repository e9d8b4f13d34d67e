package io.faultline.source;

/**
 * Decides after each precopy round how to go on. A pure function of what was measured, but for the
 * number of rounds that did not converge.
 */
final class PrecopyPolicy {
  /** A round converges where it leaves at most this part of what it sent. */
  private static final double CONVERGING = 0.9;

  /** One such round may be an accident where the VM may not move before it fits the limit. */
  private static final int PATIENCE = 2;

  private static final int MAX_ROUNDS = 50;

  private final MigrationMode mode;
  private final PrecopySettings settings;
  private int stagnantRounds;

  /** What comes next. */
  enum Step {
    /** Another round, the VM running. */
    NEXT_ROUND,
    /** Switch over; what is left follows behind. */
    POSTCOPY,
    /** Pause the VM, send what is left, and switch over. */
    STOP_AND_COPY,
    /** What is left will not fit the downtime limit, and postcopy is not wanted. */
    GIVE_UP
  }

  PrecopyPolicy(MigrationMode mode, PrecopySettings settings) {
    this.mode = mode;
    this.settings = settings;
  }

  /**
   * Decides.
   *
   * @param round its number, from 1
   * @param sentBytes what it sent
   * @param roundNanos how long that took, until it was in place
   * @param leftBytes what the destination lacks now
   * @param elapsedNanos since the first round began
   */
  Step after(int round, long sentBytes, long roundNanos, long leftBytes, long elapsedNanos) {
    boolean stagnant = leftBytes > CONVERGING * sentBytes;
    stagnantRounds = stagnant ? stagnantRounds + 1 : 0;
    if (mode == MigrationMode.HYBRID) {
      boolean enough = round >= settings.maxRounds() || isTimeUp(elapsedNanos);
      return enough || stagnant || leftBytes == 0 ? Step.POSTCOPY : Step.NEXT_ROUND;
    }
    if (fits(sentBytes, roundNanos, leftBytes)) {
      return Step.STOP_AND_COPY;
    }
    if (stagnantRounds < PATIENCE && round < MAX_ROUNDS && !isTimeUp(elapsedNanos)) {
      return Step.NEXT_ROUND;
    }
    return settings.postcopyAllowed() ? Step.POSTCOPY : Step.GIVE_UP;
  }

  /** Whether a round should be cut short. */
  boolean isTimeUp(long elapsedNanos) {
    return elapsedNanos >= settings.maxTime().toNanos();
  }

  /** Whether what is left can be sent within the downtime limit, at the rate of this round. */
  private boolean fits(long sentBytes, long roundNanos, long leftBytes) {
    double nanosPerByte = sentBytes == 0 ? 0 : (double) roundNanos / sentBytes;
    return leftBytes == 0
        || (sentBytes > 0 && leftBytes * nanosPerByte <= settings.downtimeLimit().toNanos());
  }
}
