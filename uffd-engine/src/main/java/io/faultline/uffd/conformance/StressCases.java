package io.faultline.uffd.conformance;

import io.faultline.uffd.Feature;
import io.faultline.uffd.Userfaultfd;
import java.util.List;

/** Threads that fault, fill and check at the same time. */
final class StressCases {
  private StressCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase(
            "stress",
            "stress",
            "lockers, readers and a background copier race over two areas; every page checked",
            MemoryType.ALL,
            StressCases::stress));
  }

  private static void stress(CaseContext bench) throws Exception {
    int pages = bench.memory().isHuge() ? 4 : 256;
    StressMemory from = new StressMemory(bench, bench.map(pages));
    StressMemory to = new StressMemory(bench, bench.map(pages));
    from.fill();
    long deadline = System.nanoTime() + bench.stressMillis() * 1_000_000;
    int bounces = 0;
    long faults = 0;
    do {
      Userfaultfd uffd = bench.open(Feature.THREAD_ID);
      try (StressRound round = new StressRound(bench, uffd, from, to, bench.seed() + bounces)) {
        faults += round.run();
      }
      uffd.close();
      to.verify("seed " + bench.seed() + ", bounce " + bounces);
      from.drop();
      StressMemory swap = from;
      from = to;
      to = swap;
      bounces++;
    } while (System.nanoTime() < deadline);
    Check.that(faults > 0, "no thread ever faulted, seed " + bench.seed());
  }
}
