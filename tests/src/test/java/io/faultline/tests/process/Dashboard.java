package io.faultline.tests.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The queries of docs/grafana-dashboard.json. */
final class Dashboard {
  private static final Path FILE = Path.of("../docs/grafana-dashboard.json");

  private Dashboard() {}

  /** All queries, as Prometheus gets them from Grafana for all nodes. */
  static List<String> queries() throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(Files.readString(FILE));
    return dashboard.findValuesAsString("expr").stream()
        .map(query -> query.replace("$instance", ".*").replace("$__rate_interval", "1m"))
        .toList();
  }
}
