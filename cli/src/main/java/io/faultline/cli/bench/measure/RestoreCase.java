package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.measure.RestoredSnapshot.KnownSet;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * One restore of a snapshot, verified.
 *
 * @param set the working set that it finds
 * @param cold whether the snapshot is not in the page cache
 */
public record RestoreCase(
    BenchEnvironment environment,
    RestoredSnapshot snapshot,
    String name,
    String title,
    KnownSet set,
    boolean cold)
    implements BenchCase {
  @Override
  public ResultTable table() {
    return ResultTable.RESTORE;
  }

  @Override
  public String command() {
    return "faultline restore --standby"
        + (set == KnownSet.OFF ? " --no-working-set" : "")
        + " FILE";
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    new MemoryRequirement(environment, 2 * snapshot.ramBytes(), false).require();
    ObjectNode result = snapshot.restore(set, cold);
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    for (Metric metric : table().metrics()) {
      metric.of(result).ifPresent(value -> values.put(metric, value));
    }
    return values;
  }
}
