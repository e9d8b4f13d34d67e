package io.faultline.cli.bench.result;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All measured values, in order of time. Not thread-safe. */
public final class Samples {
  /**
   * The result of one run of a case.
   *
   * @param problem why there are no values; null if there are
   * @param failed whether the problem is a failure; false if this machine cannot run the case
   * @param unfinished whether the run was ended at a limit, so that its values are at least these
   */
  public record Sample(
      String name,
      int round,
      Map<Metric, Double> values,
      @Nullable String problem,
      boolean failed,
      boolean unfinished) {}

  private final List<Sample> all = new ArrayList<>();
  private final Map<String, String> aliases = new HashMap<>();

  public void add(String name, int round, Map<Metric, Double> values) {
    Map<Metric, Double> copy = new EnumMap<>(Metric.class);
    copy.putAll(values);
    all.add(new Sample(name, round, copy, null, false, false));
  }

  /** A run that was ended after a time, since it took too long. */
  public void addUnfinished(String name, int round, BenchCase.UnfinishedException why) {
    Map<Metric, Double> least = Map.of(Metric.RUN_TIME, why.seconds());
    all.add(new Sample(name, round, least, why.getMessage(), false, true));
  }

  /** Whether a run of a case was ended at a limit: its values are at least what is known. */
  public boolean isUnfinished(String nameOrAlias) {
    String name = nameOf(nameOrAlias);
    return all.stream().anyMatch(each -> each.unfinished() && each.name().equals(name));
  }

  public void addProblem(String name, int round, String problem, boolean failed) {
    all.add(new Sample(name, round, Map.of(), problem, failed, false));
  }

  /** Makes the values of a case known under another name, too. */
  public void alias(String alias, String name) {
    aliases.put(alias, name);
  }

  public List<Sample> all() {
    return all;
  }

  public boolean hasFailures() {
    return all.stream().anyMatch(Sample::failed);
  }

  /** The values of a case in all rounds; empty if there are none. */
  public Optional<Summary> summary(String nameOrAlias, Metric metric) {
    String name = nameOf(nameOrAlias);
    List<Double> values = new ArrayList<>();
    for (Sample sample : all) {
      Double value = sample.values().get(metric);
      if (sample.name().equals(name) && value != null) {
        values.add(value);
      }
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(Summary.of(values));
  }

  /** How often a case ran, also when it failed. */
  public int runs(String name) {
    return (int) all.stream().filter(sample -> sample.name().equals(name)).count();
  }

  /** The sum of the values of a case in all rounds; empty if there are none. */
  Optional<Long> sum(String name, Metric metric) {
    long[] values =
        all.stream()
            .filter(sample -> sample.name().equals(name) && sample.values().containsKey(metric))
            .mapToLong(sample -> Math.round(sample.values().getOrDefault(metric, 0.0)))
            .toArray();
    return values.length == 0 ? Optional.empty() : Optional.of(Arrays.stream(values).sum());
  }

  /** One case divided by another, round by round; empty if no round has both. */
  Optional<Summary> ratio(String numerator, String denominator, Metric metric) {
    List<Double> ratios = new ArrayList<>();
    for (Sample sample : all) {
      Double over = sample.values().get(metric);
      Double under = value(nameOf(denominator), sample.round(), metric);
      if (sample.name().equals(numerator) && over != null && under != null && under > 0) {
        ratios.add(over / under);
      }
    }
    return ratios.isEmpty() ? Optional.empty() : Optional.of(Summary.of(ratios));
  }

  /** The most recent problem of a case. */
  public Optional<String> problem(String name) {
    String last = null;
    for (Sample sample : all) {
      last = sample.name().equals(name) && sample.problem() != null ? sample.problem() : last;
    }
    return Optional.ofNullable(last);
  }

  private String nameOf(String nameOrAlias) {
    return aliases.getOrDefault(nameOrAlias, nameOrAlias);
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
