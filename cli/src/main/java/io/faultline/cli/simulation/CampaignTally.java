package io.faultline.cli.simulation;

import io.faultline.cli.simulation.plan.InjectedFault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The results of many runs, counted. Thread-safe. */
public final class CampaignTally {
  /** Violating runs that are reported one by one: those with the lowest seeds. */
  private static final int MAX_VIOLATING_RUNS = 20;

  private final Map<RunOutcome, Long> outcomes = new EnumMap<>(RunOutcome.class);
  private final Map<InjectedFault.Kind, Long> injectedFaults =
      new EnumMap<>(InjectedFault.Kind.class);
  private final Map<String, Long> hangs = new TreeMap<>();
  private final Map<String, Long> reasons = new TreeMap<>();
  private final List<RunResult> violating = new ArrayList<>();
  private long runs;
  private long violations;
  private long recoveries;
  private long events;

  synchronized void add(RunResult run) {
    runs++;
    recoveries += run.recoveries();
    events += run.events();
    outcomes.merge(run.outcome(), 1L, Long::sum);
    run.injectedFaults()
        .forEach((kind, times) -> injectedFaults.merge(kind, (long) times, Long::sum));
    run.hangs().forEach(hang -> hangs.merge(hang, 1L, Long::sum));
    if (run.outcome() == RunOutcome.INVARIANT_VIOLATED) {
      violations++;
      violating.add(run);
      violating.sort(Comparator.comparingLong(RunResult::seed));
      if (violating.size() > MAX_VIOLATING_RUNS) {
        violating.removeLast();
      }
    } else if (run.outcome() != RunOutcome.COMPLETED) {
      reasons.merge(run.outcome() + ": " + withoutNumbers(run.reason()), 1L, Long::sum);
    }
  }

  /** Replaces the numbers in a reason, so that equal reasons are counted together. */
  private static String withoutNumbers(String reason) {
    String text = reason.replaceAll("0x[0-9a-f]+|[0-9]+(\\.[0-9]+)?", "N");
    return text.length() <= 110 ? text : text.substring(0, 110) + "...";
  }

  /** Runs so far. */
  public synchronized long runs() {
    return runs;
  }

  /** Number of runs that violated an invariant. */
  public synchronized long violations() {
    return violations;
  }

  /** The lowest seed that violated an invariant; -1 for none. */
  public synchronized long firstViolatingSeed() {
    return violating.isEmpty() ? -1 : violating.getFirst().seed();
  }

  /** The invariant that {@link #firstViolatingSeed} violated; empty for none. */
  public synchronized String firstViolation() {
    return violating.isEmpty() ? "" : violating.getFirst().reason();
  }

  synchronized List<RunResult> violatingRuns() {
    return List.copyOf(violating);
  }

  synchronized Map<RunOutcome, Long> outcomes() {
    return new EnumMap<>(outcomes);
  }

  synchronized Map<InjectedFault.Kind, Long> injectedFaults() {
    return new EnumMap<>(injectedFaults);
  }

  /** In how many runs which node was stopped in which state for longer than any limit. */
  synchronized Map<String, Long> hangs() {
    return new TreeMap<>(hangs);
  }

  synchronized Map<String, Long> reasons() {
    return new TreeMap<>(reasons);
  }

  synchronized long recoveries() {
    return recoveries;
  }

  synchronized long events() {
    return events;
  }
}
