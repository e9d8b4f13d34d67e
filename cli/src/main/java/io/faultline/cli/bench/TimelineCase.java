package io.faultline.cli.bench;

import io.faultline.cli.bench.Timeline.Part;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** A part of a remote fault: a row of the timeline. */
record TimelineCase(TimelineRun run, Part part) implements BenchCase {
  private static final double NANOS_PER_MICRO = 1000;

  @Override
  public String name() {
    return "timeline-" + part.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public Figure figure() {
    return Figure.TIMELINE;
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
    Timeline timeline = run.of(round);
    if (timeline.faults() == 0) {
      throw new IOException("no fault of which every moment was recorded");
    }
    return Map.of(
        Metric.PART_P50, timeline.percentileNanos(part, 50) / NANOS_PER_MICRO,
        Metric.PART_P99, timeline.percentileNanos(part, 99) / NANOS_PER_MICRO);
  }
}
