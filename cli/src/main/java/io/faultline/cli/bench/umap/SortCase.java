package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * umap's own umapsort: fills a file of descending numbers, sorts it in place with a parallel
 * quicksort, and validates the result.
 *
 * @param counterpart the name of our case
 */
record SortCase(UmapLab lab, String counterpart, PagedSystem system, UmapSettings.Size size)
    implements BenchCase {
  static final String PROGRAM = "umapsort";

  private static final String VALIDATED = "Validate took";

  /** Up to here pages are small enough for umap to be slow, which one round shows. */
  private static final long SLOW_PAGE_BYTES = 64L << 10;

  /** How many times as long as with our pager a sort may take before it is ended. */
  private static final int PATIENCE = 8;

  private static final double LEAST_SECONDS = 30;

  @Override
  public String name() {
    return counterpart + system.suffix();
  }

  @Override
  public ResultTable table() {
    return ResultTable.UMAPSORT;
  }

  @Override
  public String title() {
    return size + ": " + system.title();
  }

  @Override
  public String command() {
    return system.byHand(size)
        + " "
        + String.join(" ", program(Path.of("FILE")).command(system.pageBytes()));
  }

  private PagedProgram program(Path file) {
    String option = system.option();
    return new PagedProgram(
        lab.build().program(PROGRAM),
        option.isEmpty() ? List.of() : List.of(option),
        size,
        file,
        false);
  }

  @Override
  public int rounds(int wanted) {
    boolean isSlow = system instanceof UmapSystem umap && umap.pageBytes() <= SLOW_PAGE_BYTES;
    return isSlow ? 1 : wanted;
  }

  private Duration limit() {
    Double best = lab.bestSeconds().get(counterpart);
    return best == null || system instanceof PagerSystem
        ? MeasuredProgram.LIMIT
        : Duration.ofMillis(Math.round(Math.max(LEAST_SECONDS, PATIENCE * best) * 1e3));
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException, UnfinishedException {
    Path file = lab.data().resolve("sorted");
    try {
      MeasuredProgram.Result result = system.run(lab, program(file), limit());
      if (!result.output().contains(VALIDATED)) {
        throw new IOException("umapsort has not validated its result: " + result.output());
      }
      if (system instanceof PagerSystem) {
        lab.bestSeconds().merge(counterpart, result.usage().wallSeconds(), Math::min);
      }
      return result.usage().values();
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
