package io.faultline.uffd.conformance;

import io.faultline.uffd.Feature;
import io.faultline.uffd.Userfaultfd;
import java.util.List;

/** Threads that fault, fill and verify concurrently. */
final class StressCases {
  private static final CaseGroup GROUP = new CaseGroup("stress", MemoryType.ALL);

  private StressCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "stress",
            "counters, readers and a background copier race over two areas; every page is verified",
            StressCases::stress));
  }

  private static void stress(CaseContext context) throws Exception {
    int pages = context.memory().isHuge() ? 4 : 256;
    StressMemory from = new StressMemory(context, context.map(pages));
    StressMemory to = new StressMemory(context, context.map(pages));
    from.fill();
    long deadline = System.nanoTime() + context.stressMillis() * 1_000_000;
    int rounds = 0;
    long faults = 0;
    do {
      Userfaultfd uffd = context.open(Feature.THREAD_ID);
      try (StressRound round = new StressRound(context, uffd, from, to, context.seed() + rounds)) {
        faults += round.run();
      }
      uffd.close();
      to.verify("seed " + context.seed() + ", round " + rounds);
      from.drop();
      StressMemory swap = from;
      from = to;
      to = swap;
      rounds++;
    } while (System.nanoTime() < deadline);
    Expect.that(faults > 0, "no thread ever faulted, seed " + context.seed());
  }
}
