package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    Path file = lab.data().resolve("sorted");
    try {
      MeasuredProgram.Result result = system.run(lab, program(file));
      if (!result.output().contains(VALIDATED)) {
        throw new IOException("umapsort has not validated its result: " + result.output());
      }
      return result.usage().values();
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
