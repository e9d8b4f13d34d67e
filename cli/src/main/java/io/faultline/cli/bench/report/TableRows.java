package io.faultline.cli.bench.report;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.Ratio;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.Summary;
import io.faultline.cli.bench.result.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The results as rows of text cells; the first row is the heading. */
final class TableRows {
  private TableRows() {}

  /** A table of cases; a case without values shows the reason instead. */
  static List<List<String>> of(BenchResult result, ResultTable table) {
    List<List<String>> rows = new ArrayList<>();
    List<String> heading = new ArrayList<>(List.of("case"));
    table.metrics().forEach(metric -> heading.add(metric.heading()));
    rows.add(heading);
    for (BenchCase each : result.rows(table)) {
      List<String> row = new ArrayList<>(List.of(each.title()));
      table.metrics().forEach(metric -> row.add(result.cell(each, metric)));
      result
          .samples()
          .problem(each.name())
          .ifPresent(problem -> row.set(1, withProblem(row, problem)));
      rows.add(row);
    }
    return rows;
  }

  /** The measured ratios. */
  static List<List<String>> ratios(BenchResult result) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("ratio", "value"));
    for (Ratio ratio : result.ratios()) {
      rows.add(List.of(ratio.title(), result.text(result.value(ratio), ratio.denominator())));
    }
    return rows;
  }

  /** The targets of the selected cases. */
  static List<List<String>> targets(BenchResult result) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("target", "wanted", "measured", "met"));
    for (Target target : result.targets()) {
      Optional<Summary> measured = target.measured(result);
      rows.add(
          List.of(
              target.title(),
              target.wanted(),
              measured.map(value -> result.text(value, target.baseline())).orElse("not measured"),
              measured
                  .flatMap(value -> result.isMet(target, value))
                  .map(met -> met ? "yes" : "no")
                  .orElse("")));
    }
    return rows;
  }

  /** Shows a problem in one round without hiding the values of other rounds. */
  private static String withProblem(List<String> row, String problem) {
    return row.get(1).isEmpty() ? problem : row.get(1) + " [" + problem + "]";
  }
}
