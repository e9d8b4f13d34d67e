package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.measure.FaultTimeline.Part;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** One part of a remote fault: a row of the timeline. */
public record TimelineCase(TimelineRun run, Part part) implements BenchCase {
  private static final double NANOS_PER_MICRO = 1000;

  @Override
  public String name() {
    return "timeline-" + part.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public ResultTable table() {
    return ResultTable.TIMELINE;
  }

  @Override
  public String title() {
    return part.title();
  }

  @Override
  public String command() {
    return run.migration().command();
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    FaultTimeline timeline = run.of(round);
    if (timeline.faults() == 0) {
      throw new IOException("no fault has a complete set of timestamps");
    }
    return Map.of(
        Metric.PART_P50, timeline.percentileNanos(part, 50) / NANOS_PER_MICRO,
        Metric.PART_P99, timeline.percentileNanos(part, 99) / NANOS_PER_MICRO);
  }
}
