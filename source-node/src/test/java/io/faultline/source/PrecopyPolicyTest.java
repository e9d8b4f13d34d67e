package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.source.PrecopyPolicy.Step;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PrecopyPolicyTest {
  private static final long MIB = 1 << 20;
  private static final long SECOND = 1_000_000_000L;
  private static final PrecopySettings CONVERGING =
      PrecopySettings.DEFAULT.withMaxRounds(PrecopySettings.WHILE_CONVERGING);

  @Test
  void hybridSwitchesOverAfterTheMaximumNumberOfRounds() {
    PrecopyPolicy policy = hybrid(PrecopySettings.DEFAULT.withMaxRounds(3));
    assertThat(after(policy, 1, 100, 50)).isEqualTo(Step.NEXT_ROUND);
    assertThat(after(policy, 2, 50, 25)).isEqualTo(Step.NEXT_ROUND);
    assertThat(after(policy, 3, 25, 12)).isEqualTo(Step.POSTCOPY);
  }

  @Test
  void hybridSwitchesOverWhenRoundsStopConverging() {
    PrecopyPolicy policy = hybrid(CONVERGING);
    assertThat(after(policy, 1, 100, 50)).isEqualTo(Step.NEXT_ROUND);
    assertThat(after(policy, 2, 50, 46)).isEqualTo(Step.POSTCOPY);
  }

  @Test
  void hybridSwitchesOverWhenNothingIsDirty() {
    assertThat(after(hybrid(CONVERGING), 1, 100, 0)).isEqualTo(Step.POSTCOPY);
  }

  @Test
  void hybridSwitchesOverWhenItsTimeIsUp() {
    PrecopyPolicy policy = hybrid(CONVERGING.withMaxTime(Duration.ofSeconds(2)));
    assertThat(policy.after(1, 100 * MIB, SECOND, 10 * MIB, SECOND)).isEqualTo(Step.NEXT_ROUND);
    assertThat(policy.isTimeUp(2 * SECOND - 1)).isFalse();
    assertThat(policy.isTimeUp(2 * SECOND)).isTrue();
    assertThat(policy.after(2, 10 * MIB, SECOND, MIB, 2 * SECOND)).isEqualTo(Step.POSTCOPY);
  }

  @Test
  void precopyPausesTheVmWhenTheRestFitsTheDowntimeLimit() {
    PrecopyPolicy policy =
        precopy(PrecopySettings.DEFAULT.withDowntimeLimit(Duration.ofMillis(10)));
    // 100 MiB in a second: 1 MiB takes 10 ms.
    assertThat(after(policy, 1, 100, 2)).isEqualTo(Step.NEXT_ROUND);
    assertThat(after(policy, 2, 100, 1)).isEqualTo(Step.STOP_AND_COPY);
  }

  @Test
  void pausedRoundIsNoEvidenceThatRoundsDoNotConverge() {
    PrecopyPolicy hybrid = hybrid(CONVERGING);
    assertThat(hybrid.afterPausedRound(1, 50 * MIB, SECOND, 95 * MIB, SECOND))
        .isEqualTo(Step.NEXT_ROUND);
    PrecopyPolicy precopy = precopy(PrecopySettings.DEFAULT);
    assertThat(after(precopy, 1, 100, 95)).isEqualTo(Step.NEXT_ROUND);
    assertThat(precopy.afterPausedRound(2, 95 * MIB, SECOND, 100 * MIB, 2 * SECOND))
        .isEqualTo(Step.NEXT_ROUND);
    assertThat(after(precopy, 3, 100, 95)).as("the second in a row").isEqualTo(Step.POSTCOPY);
  }

  @Test
  void precopyThatDoesNotConvergeBecomesPostcopyIfAllowed() {
    PrecopyPolicy allowed = precopy(PrecopySettings.DEFAULT);
    assertThat(after(allowed, 1, 100, 95)).isEqualTo(Step.NEXT_ROUND);
    assertThat(after(allowed, 2, 95, 94)).isEqualTo(Step.POSTCOPY);
    PrecopyPolicy forbidden = precopy(PrecopySettings.DEFAULT.withoutPostcopy());
    assertThat(after(forbidden, 1, 100, 95)).isEqualTo(Step.NEXT_ROUND);
    assertThat(after(forbidden, 2, 95, 94)).isEqualTo(Step.GIVE_UP);
  }

  @Test
  void convergingRoundResetsTheCountOfStagnantOnes() {
    PrecopyPolicy policy = precopy(PrecopySettings.DEFAULT);
    assertThat(after(policy, 1, 100, 95)).isEqualTo(Step.NEXT_ROUND);
    assertThat(after(policy, 2, 95, 60)).isEqualTo(Step.NEXT_ROUND);
    assertThat(after(policy, 3, 60, 59)).isEqualTo(Step.NEXT_ROUND);
    assertThat(after(policy, 4, 59, 58)).isEqualTo(Step.POSTCOPY);
  }

  @Test
  void precopyThatConvergesTooSlowlyEndsEventually() {
    PrecopyPolicy policy = precopy(PrecopySettings.DEFAULT);
    int round = 1;
    while (after(policy, round, 100, 85) == Step.NEXT_ROUND) {
      round++;
      assertThat(round).isLessThan(1000);
    }
    assertThat(round).isGreaterThan(10);
  }

  @Test
  void precopyContinuesWhileItsRateIsUnknown() {
    assertThat(after(precopy(PrecopySettings.DEFAULT), 1, 0, 50)).isEqualTo(Step.NEXT_ROUND);
  }

  /** The decision after a round that took a second. */
  private static Step after(PrecopyPolicy policy, int round, long sentMib, long leftMib) {
    return policy.after(round, sentMib * MIB, SECOND, leftMib * MIB, round * SECOND);
  }

  private static PrecopyPolicy hybrid(PrecopySettings settings) {
    return new PrecopyPolicy(MigrationMode.HYBRID, settings);
  }

  private static PrecopyPolicy precopy(PrecopySettings settings) {
    return new PrecopyPolicy(MigrationMode.PRECOPY, settings);
  }
}
