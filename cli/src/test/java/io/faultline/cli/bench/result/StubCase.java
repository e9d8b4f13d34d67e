package io.faultline.cli.bench.result;

import java.util.Map;

/** A case that never runs. */
public record StubCase(String name, ResultTable table, String title, String counterpart)
    implements BenchCase {
  @Override
  public String command() {
    return "true";
  }

  @Override
  public Map<Metric, Double> run(int round) {
    throw new AssertionError("this test measures nothing");
  }
}
