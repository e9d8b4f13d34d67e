package io.faultline.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What was measured as rows of words; the first row is the heading. */
final class Tables {
  private Tables() {}

  /** The rows of a figure; of a case without values the reason instead. */
  static List<List<String>> of(BenchResult result, Figure figure) {
    List<List<String>> rows = new ArrayList<>();
    List<String> heading = new ArrayList<>(List.of("case"));
    figure.metrics().forEach(metric -> heading.add(metric.heading()));
    rows.add(heading);
    for (BenchCase each : result.rows(figure)) {
      List<String> row = new ArrayList<>(List.of(each.title()));
      figure.metrics().forEach(metric -> row.add(result.cell(each, metric)));
      result.samples().problem(each.name()).ifPresent(problem -> row.set(1, note(row, problem)));
      rows.add(row);
    }
    return rows;
  }

  /** Those of which both parts were measured. */
  static List<List<String>> ratios(BenchResult result) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("ratio", "value"));
    for (Ratio ratio : result.ratios()) {
      rows.add(List.of(ratio.title(), result.value(ratio).format(2)));
    }
    return rows;
  }

  /** Those for which something was to run. */
  static List<List<String>> targets(BenchResult result) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("target", "wanted", "measured", "met"));
    for (Target target : result.targets()) {
      Optional<Spread> measured = target.measured(result);
      rows.add(
          List.of(
              target.title(),
              target.wanted(),
              measured.map(spread -> spread.format(2)).orElse("not measured"),
              measured.map(spread -> target.isMet(spread) ? "yes" : "no").orElse("")));
    }
    return rows;
  }

  /** A round without values must not go unseen, and not hide those of others. */
  private static String note(List<String> row, String problem) {
    return row.get(1).isEmpty() ? problem : row.get(1) + " [" + problem + "]";
  }
}
