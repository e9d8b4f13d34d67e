package io.faultline.cli.bench.result;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Everything that a run measured.
 *
 * @param facts about the machine and the settings, human-readable, in order
 * @param cases the selected cases, in the order of the first round
 */
public record BenchResult(Map<String, String> facts, List<BenchCase> cases, Samples samples) {
  private static final String MORE = "> ";
  private static final String LESS = "< ";

  /** The rows of a table. */
  public List<BenchCase> rows(ResultTable table) {
    return cases.stream().filter(each -> each.table() == table).toList();
  }

  /** The text of a cell: median and range, or {@code 19 of 20}; empty if there are no values. */
  public String cell(BenchCase row, Metric metric) {
    if (metric.isCount()) {
      return samples
          .sum(row.name(), metric)
          .map(sum -> sum + " of " + samples.runs(row.name()))
          .orElse("");
    }
    return samples
        .summary(row.name(), metric)
        .map(summary -> sign(row.name(), MORE) + summary.format(metric.decimals()))
        .orElse("");
  }

  private String sign(String name, String ifUnfinished) {
    return samples.isUnfinished(name) ? ifUnfinished : "";
  }

  /**
   * The text of the value of a ratio or target; {@code < 0.12} if its denominator is unfinished.
   */
  public String text(Summary value, String denominator) {
    return sign(denominator, LESS) + value.format(2);
  }

  /**
   * Whether a value meets a target; empty if that is not known, since its baseline is unfinished.
   */
  public Optional<Boolean> isMet(Target target, Summary value) {
    boolean met = target.isMet(value);
    boolean isKnown = met || !samples.isUnfinished(target.baseline());
    return isKnown ? Optional.of(met) : Optional.empty();
  }

  /** The ratios whose numerator and denominator were measured. */
  public List<Ratio> ratios() {
    return Ratio.all().stream()
        .filter(
            ratio ->
                samples.ratio(ratio.numerator(), ratio.denominator(), ratio.metric()).isPresent())
        .toList();
  }

  /** The value of one of {@link #ratios}. */
  public Summary value(Ratio ratio) {
    return samples.ratio(ratio.numerator(), ratio.denominator(), ratio.metric()).orElseThrow();
  }

  /** The targets whose case was selected. */
  public List<Target> targets() {
    Set<String> names = cases.stream().map(BenchCase::name).collect(Collectors.toSet());
    return Target.all().stream().filter(target -> names.contains(target.name())).toList();
  }
}
