package io.faultline.cli.simulation;

import io.faultline.cli.options.UsageException;
import io.faultline.cli.simulation.bug.Bug;
import io.faultline.cli.simulation.runtime.BufferPool;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline simulate}. Exit code 0 if no run violated an invariant, else 1. */
@Command(
    name = "simulate",
    description = {
      "Run the nodes over a simulated network and kernel, with faults.",
      "Each run follows from one seed and can be replayed."
    },
    footer = {"", "Exit codes: 0 no invariant violated, 1 invariant violated, 2 wrong use."})
public final class SimulateCommand implements Callable<Integer> {
  private static final long PROGRESS_SECONDS = 5;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--seeds", paramLabel = "N", description = "Number of runs (default: 1000).")
  private long seeds = 1000;

  @Option(
      names = "--from",
      paramLabel = "SEED",
      description = "Seed of the first run; each further run adds 1 (default: 1).")
  private long from = 1;

  @Option(names = "--trace", description = "Print every event of the run; needs --seeds 1.")
  private boolean trace;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "Trace one run: same as --from SEED --seeds 1 --trace.")
  private @Nullable Long seed;

  @Option(
      names = "--bug",
      paramLabel = "NAME",
      description = "Plant a bug that the run must detect: ${COMPLETION-CANDIDATES}.")
  private Bug bug = Bug.NONE;

  @Override
  public Integer call() throws InterruptedException {
    check();
    PrintWriter out = spec.commandLine().getOut();
    int code = trace ? replay(out) : campaign(out);
    out.flush();
    return code;
  }

  private void check() {
    if (seed != null) {
      from = seed;
      seeds = 1;
      trace = true;
    }
    if (seeds < 1) {
      throw new UsageException("--seeds " + seeds + ": use 1 or more");
    }
    if (trace && seeds != 1) {
      throw new UsageException("--trace prints a single run: add --seeds 1");
    }
  }

  private int replay(PrintWriter out) {
    RunResult run = SimulationRun.of(from, bug, new BufferPool(), out::println);
    out.printf("%nseed %d: %s, %s%n", run.seed(), run.outcome(), run.reason());
    out.printf(Locale.ROOT, "%d events, trace checksum %08x%n", run.events(), run.traceSum());
    return run.outcome() == RunOutcome.INVARIANT_VIOLATED ? ExitCode.SOFTWARE : ExitCode.OK;
  }

  private int campaign(PrintWriter out) throws InterruptedException {
    if (bug != Bug.NONE) {
      out.println("planted bug: " + bug + ", " + bug.description());
    }
    long started = System.nanoTime();
    Campaign campaign = new Campaign(bug, from, seeds, bug != Bug.NONE);
    CampaignTally tally;
    try (ScheduledExecutorService progress = Executors.newSingleThreadScheduledExecutor()) {
      progress.scheduleAtFixedRate(
          () -> progress(campaign.tally(), started),
          PROGRESS_SECONDS,
          PROGRESS_SECONDS,
          TimeUnit.SECONDS);
      tally = campaign.run();
      progress.shutdownNow();
    }
    printSummary(out, tally, (System.nanoTime() - started) / 1e9);
    return tally.violations() == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private void progress(CampaignTally tally, long started) {
    double seconds = (System.nanoTime() - started) / 1e9;
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        Locale.ROOT,
        "%d of %d runs, %.0f runs/s, %d with a violated invariant%n",
        tally.runs(),
        seeds,
        tally.runs() / seconds,
        tally.violations());
    err.flush();
  }

  private void printSummary(PrintWriter out, CampaignTally tally, double seconds) {
    out.printf(
        Locale.ROOT,
        "%d runs from seed %d in %.1f s: %.0f runs/s, %d events, %d recoveries%n",
        tally.runs(),
        from,
        seconds,
        tally.runs() / seconds,
        tally.events(),
        tally.recoveries());
    section(out, "outcomes", tally.outcomes());
    section(out, "injected faults", tally.injectedFaults());
    section(out, "nodes that hung", tally.hangs());
    section(out, "why runs did not complete", tally.reasons());
    for (RunResult run : tally.violatingRuns()) {
      out.printf("%nseed %d VIOLATES AN INVARIANT: %s%n", run.seed(), run.reason());
      String planted = bug == Bug.NONE ? "" : " --bug " + bug;
      out.printf(
          "  replay: ./faultline simulate --from %d --seeds 1 --trace%s%n", run.seed(), planted);
    }
  }

  private static void section(PrintWriter out, String title, Map<?, Long> counts) {
    out.println(title + ":");
    counts.forEach((item, count) -> out.printf("  %8d  %s%n", count, item));
  }
}
