package io.faultline.tests.dashboard;

import java.io.IOException;
import tools.jackson.databind.JsonNode;

/** Answers queries over a time range, as a Prometheus does. */
@FunctionalInterface
public interface RangeQuery {
  /** The array {@code result} of an answer of {@code query_range}. */
  JsonNode results(String promQl) throws IOException, InterruptedException;
}
