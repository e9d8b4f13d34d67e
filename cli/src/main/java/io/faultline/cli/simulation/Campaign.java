package io.faultline.cli.simulation;

import io.faultline.cli.simulation.bug.Bug;
import io.faultline.cli.simulation.runtime.BufferPool;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Many independent runs, one worker thread per CPU. */
public final class Campaign {
  private final Bug bug;
  private final long firstSeed;
  private final long seeds;
  private final boolean stopAtFirst;
  private final AtomicLong next = new AtomicLong();
  private final CampaignTally tally;

  /**
   * @param stopAtFirst whether to stop after the first run that violates an invariant
   */
  public Campaign(Bug bug, long firstSeed, long seeds, boolean stopAtFirst) {
    this.bug = bug;
    this.firstSeed = firstSeed;
    this.seeds = seeds;
    this.stopAtFirst = stopAtFirst;
    tally = new CampaignTally();
  }

  /** The results so far. Any thread. */
  public CampaignTally tally() {
    return tally;
  }

  /** Executes all runs and returns their results. */
  public CampaignTally run() throws InterruptedException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> working = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        working.add(workers.submit(this::work));
      }
      for (Future<?> each : working) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a run failed: " + e.getCause(), e);
    }
    return tally;
  }

  private void work() {
    BufferPool pool = new BufferPool();
    for (long i = next.getAndIncrement(); i < seeds; i = next.getAndIncrement()) {
      if (stopAtFirst && tally.violations() > 0) {
        return;
      }
      long seed = firstSeed + i;
      try {
        tally.add(SimulationRun.of(seed, bug, pool, null));
      } catch (RuntimeException | Error e) {
        throw new IllegalStateException("seed " + seed + ": " + e, e);
      }
    }
  }
}
