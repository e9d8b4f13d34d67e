package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.Samples;
import io.faultline.cli.bench.result.Summary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The page size at which umap was fastest, by the median of the rounds: its user has to find it.
 */
public final class BestPageSize {
  private static final String MARK = " (its best)";

  private BestPageSize() {}

  /** The name under which the samples of the best one are found, too. */
  public static String nameFor(String counterpart) {
    return counterpart + "-umap-best";
  }

  /** Marks the best one of each sort; returns the cases with the marked ones. */
  public static List<BenchCase> mark(List<BenchCase> cases, Samples samples) {
    Map<String, SortCase> best = new TreeMap<>();
    for (BenchCase each : cases) {
      if (each instanceof SortCase sort
          && sort.system() instanceof UmapSystem
          && samples.summary(sort.name(), Metric.RUN_TIME).isPresent()
          && !samples.isUnfinished(sort.name())) {
        best.merge(sort.counterpart(), sort, (one, other) -> faster(one, other, samples));
      }
    }
    best.forEach((name, sort) -> samples.alias(nameFor(name), sort.name()));
    List<BenchCase> marked = new ArrayList<>();
    for (BenchCase each : cases) {
      boolean isBest = each instanceof SortCase sort && best.containsValue(sort);
      marked.add(isBest ? new MarkedCase(each, MARK) : each);
    }
    return marked;
  }

  private static SortCase faster(SortCase one, SortCase other, Samples samples) {
    return List.of(one, other).stream()
        .min(Comparator.comparingDouble(each -> median(each, samples)))
        .orElseThrow();
  }

  private static double median(SortCase sort, Samples samples) {
    return samples.summary(sort.name(), Metric.RUN_TIME).map(Summary::median).orElseThrow();
  }

  /** A case with a longer title. */
  private record MarkedCase(BenchCase original, String mark) implements BenchCase {
    @Override
    public String name() {
      return original.name();
    }

    @Override
    public ResultTable table() {
      return original.table();
    }

    @Override
    public String counterpart() {
      return original.counterpart();
    }

    @Override
    public String title() {
      return original.title() + mark;
    }

    @Override
    public String command() {
      return original.command();
    }

    @Override
    public int rounds(int wanted) {
      return original.rounds(wanted);
    }

    @Override
    public Map<Metric, Double> run(int round)
        throws IOException, InterruptedException, CannotRunException, UnfinishedException {
      return original.run(round);
    }
  }
}
