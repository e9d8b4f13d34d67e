package io.faultline.cli.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Many runs, several at a time, each of which has nothing to do with any other. */
public final class Campaign {
  private final Bug bug;
  private final long firstSeed;
  private final long seeds;
  private final boolean stopAtFirst;
  private final AtomicLong next = new AtomicLong();
  private final CampaignTally tally;

  /**
   * @param stopAtFirst whether to end with the first run that breaks a rule
   */
  public Campaign(Bug bug, long firstSeed, long seeds, boolean stopAtFirst) {
    this.bug = bug;
    this.firstSeed = firstSeed;
    this.seeds = seeds;
    this.stopAtFirst = stopAtFirst;
    tally = new CampaignTally();
  }

  /** What came of it so far; any thread. */
  public CampaignTally tally() {
    return tally;
  }

  /** Plays all runs and returns what came of them. */
  public CampaignTally play() throws InterruptedException {
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
      throw new IllegalStateException("a run could not be played: " + e.getCause(), e);
    }
    return tally;
  }

  private void work() {
    BufferPool stock = new BufferPool();
    for (long i = next.getAndIncrement(); i < seeds; i = next.getAndIncrement()) {
      if (stopAtFirst && tally.broken() > 0) {
        return;
      }
      long seed = firstSeed + i;
      try {
        tally.add(SimulationRun.of(seed, bug, stock, null));
      } catch (RuntimeException | Error e) {
        throw new IllegalStateException("seed " + seed + ": " + e, e);
      }
    }
  }
}
