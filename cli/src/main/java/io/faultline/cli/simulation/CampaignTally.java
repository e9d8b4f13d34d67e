package io.faultline.cli.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What came of many runs. Thread-safe. */
public final class CampaignTally {
  private static final int KEPT = 20;

  private final Map<Ending, Long> endings = new EnumMap<>(Ending.class);
  private final Map<InjectedFault.Kind, Long> injectedFaults =
      new EnumMap<>(InjectedFault.Kind.class);
  private final Map<String, Long> reasons = new TreeMap<>();
  private final List<RunResult> broken = new ArrayList<>();
  private long runs;
  private long brokenRuns;
  private long recoveries;
  private long events;

  synchronized void add(RunResult run) {
    runs++;
    recoveries += run.recoveries();
    events += run.events();
    endings.merge(run.ending(), 1L, Long::sum);
    run.injectedFaults()
        .forEach((kind, times) -> injectedFaults.merge(kind, (long) times, Long::sum));
    if (run.ending() == Ending.BROKEN) {
      brokenRuns++;
      broken.add(run);
      broken.sort(Comparator.comparingLong(RunResult::seed));
      if (broken.size() > KEPT) {
        broken.removeLast();
      }
    } else if (run.ending() != Ending.COMPLETED) {
      reasons.merge(run.ending() + ": " + general(run.reason()), 1L, Long::sum);
    }
  }

  /** A reason without its numbers, so that equal ones are counted together. */
  private static String general(String reason) {
    String text = reason.replaceAll("0x[0-9a-f]+|[0-9]+(\\.[0-9]+)?", "N");
    return text.length() <= 110 ? text : text.substring(0, 110) + "...";
  }

  /** Runs so far. */
  public synchronized long runs() {
    return runs;
  }

  /** Runs that broke a rule. */
  public synchronized long broken() {
    return brokenRuns;
  }

  /** The seed of the first run that broke a rule; -1 for none. */
  public synchronized long firstBrokenSeed() {
    return broken.isEmpty() ? -1 : broken.getFirst().seed();
  }

  /** Which rule that was; empty for none. */
  public synchronized String firstBrokenRule() {
    return broken.isEmpty() ? "" : broken.getFirst().reason();
  }

  synchronized List<RunResult> brokenRuns() {
    return List.copyOf(broken);
  }

  synchronized Map<Ending, Long> endings() {
    return new EnumMap<>(endings);
  }

  synchronized Map<InjectedFault.Kind, Long> injectedFaults() {
    return new EnumMap<>(injectedFaults);
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
