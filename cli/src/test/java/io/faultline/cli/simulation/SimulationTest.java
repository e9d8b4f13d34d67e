package io.faultline.cli.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.simulation.bug.Bug;
import io.faultline.cli.simulation.plan.InjectedFault;
import io.faultline.cli.simulation.runtime.BufferPool;
import io.faultline.dest.IncomingState;
import io.faultline.source.OutgoingState;
import io.netty.util.internal.PlatformDependent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
final class SimulationTest {
  private static final long RUNS = 400;

  /** The rarest of the planted bugs shows in about one run of a thousand. */
  private static final long RUNS_PER_BUG = 5000;

  @Test
  void invariantsHoldAndEveryFaultKindAndOutcomeOccurs() throws InterruptedException {
    CampaignTally tally = new Campaign(Bug.NONE, 1, RUNS, false).run();
    assertThat(tally.firstViolation()).as("seed %d", tally.firstViolatingSeed()).isEmpty();
    assertThat(tally.runs()).isEqualTo(RUNS);
    assertThat(tally.injectedFaults()).containsOnlyKeys(InjectedFault.Kind.values());
    assertThat(tally.outcomes())
        .containsKeys(
            RunOutcome.COMPLETED, RunOutcome.RESUMED, RunOutcome.WAITING, RunOutcome.LOST);
    assertThat(tally.recoveries()).as("recoveries").isGreaterThan(RUNS / 10);
  }

  /** Also of processes that are killed. */
  @Test
  void buffersComeFromThePool() throws InterruptedException {
    long before = PlatformDependent.usedDirectMemory();
    assertThat(new Campaign(Bug.NONE, 1, 20, false).run().runs()).isEqualTo(20);
    assertThat(PlatformDependent.usedDirectMemory()).isEqualTo(before);
  }

  @Test
  void eachNodeHangsInEachState() throws InterruptedException {
    CampaignTally tally = new Campaign(Bug.NONE, 1, 2 * RUNS, false).run();
    assertThat(tally.firstViolation()).as("seed %d", tally.firstViolatingSeed()).isEmpty();
    for (OutgoingState state : OutgoingState.values()) {
      if (!state.isFinal()) {
        assertThat(tally.hangs()).containsKey("hang_source in " + state);
      }
    }
    for (IncomingState state : IncomingState.values()) {
      if (!state.isFinal()) {
        assertThat(tally.hangs()).containsKey("hang_destination in " + state);
      }
    }
  }

  @Test
  void invariantsHoldFromARandomSeed() throws InterruptedException {
    long first = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("simulated from seed " + first);
    CampaignTally tally = new Campaign(Bug.NONE, first, RUNS, false).run();
    assertThat(tally.firstViolation()).as("seed %d", tally.firstViolatingSeed()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(value = Bug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void plantedBugIsFound(Bug bug) throws InterruptedException {
    CampaignTally tally = new Campaign(bug, 1, RUNS_PER_BUG, true).run();
    assertThat(tally.violations()).as("violating runs of %d", tally.runs()).isPositive();
    assertThat(tally.firstViolation()).as("found by the check for it").containsPattern(check(bug));
  }

  /** What the check says that is meant to find the bug. */
  private static String check(Bug bug) {
    return switch (bug) {
      case NONE -> "$^";
      case NOBODY_IS_WOKEN -> "no page has arrived for";
      case CLAIM_AFTER_WRITE -> "is sent twice in one attempt";
      case RUN_BEFORE_READY -> "an unexpected RUN during";
      case OFF_BY_ONE -> "the content placed at|the migration does not end.*closed by the peer";
      case DUPLICATE_ACCEPTED -> "the background stream ended after";
      case HANG_UNNOTICED -> "has not noticed that its source is lost";
    };
  }

  @Test
  void pageSetsThatAreWrongByOnePageAreFoundInThePlacedContent() {
    List<String> violations = new ArrayList<>();
    for (long seed = 1; seed <= 40; seed++) {
      RunResult run = SimulationRun.of(seed, Bug.OFF_BY_ONE, new BufferPool(), null);
      if (run.outcome() == RunOutcome.INVARIANT_VIOLATED) {
        violations.add(run.reason());
      }
    }
    assertThat(violations)
        .anyMatch(why -> why.contains("the content placed at"))
        .noneMatch(why -> why.contains("damaged in transit"));
  }

  @Test
  void sameSeedGivesTheSameTrace() {
    List<String> sums = new ArrayList<>();
    for (long seed = 1; seed <= 10; seed++) {
      List<String> first = new ArrayList<>();
      List<String> second = new ArrayList<>();
      RunResult one = SimulationRun.of(seed, Bug.NONE, new BufferPool(), first::add);
      RunResult two = SimulationRun.of(seed, Bug.NONE, new BufferPool(), second::add);
      assertThat(second).as("trace of seed %d", seed).isEqualTo(first).isNotEmpty();
      assertThat(two.traceSum()).isEqualTo(one.traceSum());
      sums.add(Long.toHexString(one.traceSum()));
    }
    assertThat(sums).doesNotHaveDuplicates();
  }

  @Test
  void tracingDoesNotChangeARun() {
    for (long seed = 20; seed < 30; seed++) {
      RunResult traced = SimulationRun.of(seed, Bug.NONE, new BufferPool(), line -> {});
      RunResult silent = SimulationRun.of(seed, Bug.NONE, new BufferPool(), null);
      assertThat(silent.events()).as("events of seed %d", seed).isEqualTo(traced.events());
      assertThat(silent.outcome()).isEqualTo(traced.outcome());
    }
  }
}
