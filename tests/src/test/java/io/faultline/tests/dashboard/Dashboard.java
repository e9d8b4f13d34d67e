package io.faultline.tests.dashboard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** docs/grafana-dashboard.json. */
public record Dashboard(String title, List<Panel> panels) {
  /** Grafana's {@code $__rate_interval}: four scrape intervals, of 1 s here. */
  static final String RATE_INTERVAL = "4s";

  private static final Path FILE = Path.of("../docs/grafana-dashboard.json");

  /** Reads the file. */
  public static Dashboard read() throws IOException {
    JsonNode json = json();
    List<Panel> panels = new ArrayList<>();
    for (JsonNode panel : json.path("panels")) {
      panels.add(Panel.of(panel));
    }
    return new Dashboard(json.path("title").asString(), panels);
  }

  static JsonNode json() throws IOException {
    return new ObjectMapper().readTree(Files.readString(FILE));
  }

  /** All queries, as Prometheus gets them from Grafana for all nodes. */
  public List<String> queries() {
    return panels.stream().flatMap(panel -> panel.targets().stream()).map(Target::query).toList();
  }
}
