package io.faultline.cli.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Everything that was measured, in the order of time. One thread writes, then others may read. */
final class Samples {
  /**
   * What one run of a case came to.
   *
   * @param problem why there are no values; null where there are
   * @param failed whether that is a failure, and not only what this machine cannot do
   */
  record Sample(
      String name,
      int round,
      Map<Metric, Double> values,
      @Nullable String problem,
      boolean failed) {}

  private final List<Sample> all = new ArrayList<>();

  void add(String name, int round, Map<Metric, Double> values) {
    Map<Metric, Double> copy = new EnumMap<>(Metric.class);
    copy.putAll(values);
    all.add(new Sample(name, round, copy, null, false));
  }

  void addProblem(String name, int round, String problem, boolean failed) {
    all.add(new Sample(name, round, Map.of(), problem, failed));
  }

  List<Sample> all() {
    return all;
  }

  boolean hasFailures() {
    return all.stream().anyMatch(Sample::failed);
  }

  /** Over all rounds of a case; empty where none told this. */
  Optional<Spread> spread(String name, Metric metric) {
    List<Double> values = new ArrayList<>();
    for (Sample sample : all) {
      Double value = sample.values().get(metric);
      if (sample.name().equals(name) && value != null) {
        values.add(value);
      }
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(Spread.of(values));
  }

  /** Of one case over another, round by round; empty where no round has both. */
  Optional<Spread> ratio(String above, String below, Metric metric) {
    List<Double> ratios = new ArrayList<>();
    for (Sample sample : all) {
      Double over = sample.values().get(metric);
      Double under = value(below, sample.round(), metric);
      if (sample.name().equals(above) && over != null && under != null && under > 0) {
        ratios.add(over / under);
      }
    }
    return ratios.isEmpty() ? Optional.empty() : Optional.of(Spread.of(ratios));
  }

  /** The last reason why a case has no values. */
  Optional<String> problem(String name) {
    String last = null;
    for (Sample sample : all) {
      last = sample.name().equals(name) && sample.problem() != null ? sample.problem() : last;
    }
    return Optional.ofNullable(last);
  }

  private @Nullable Double value(String name, int round, Metric metric) {
    for (Sample sample : all) {
      if (sample.name().equals(name) && sample.round() == round) {
        return sample.values().get(metric);
      }
    }
    return null;
  }
}
