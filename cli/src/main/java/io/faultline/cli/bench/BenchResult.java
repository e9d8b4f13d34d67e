package io.faultline.cli.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All that a run has to tell.
 *
 * @param facts about the machine and the settings, for people, in order
 * @param cases those that were to run, in the order of the first round
 */
record BenchResult(Map<String, String> facts, List<BenchCase> cases, Samples samples) {
  /** The rows of a table. */
  List<BenchCase> rows(Figure figure) {
    return cases.stream().filter(each -> each.figure() == figure).toList();
  }

  /** What a cell says: the median and the range, or nothing where none was measured. */
  String cell(BenchCase row, Metric metric) {
    return samples
        .spread(row.name(), metric)
        .map(spread -> spread.format(metric.decimals()))
        .orElse("");
  }

  /** Ratios of which both parts were measured. */
  List<Ratio> ratios() {
    return Ratio.all().stream()
        .filter(ratio -> samples.ratio(ratio.above(), ratio.below(), ratio.metric()).isPresent())
        .toList();
  }

  /** The value of one of {@link #ratios}. */
  Spread value(Ratio ratio) {
    return samples.ratio(ratio.above(), ratio.below(), ratio.metric()).orElseThrow();
  }

  /** Targets for which something was to run. */
  List<Target> targets() {
    Set<String> names = cases.stream().map(BenchCase::name).collect(Collectors.toSet());
    return Target.all().stream().filter(target -> names.contains(target.name())).toList();
  }
}
