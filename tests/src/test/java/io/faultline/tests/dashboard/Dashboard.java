package io.faultline.tests.dashboard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A dashboard of docs. */
public record Dashboard(String title, List<Panel> panels) {
  /** Grafana's {@code $__rate_interval}: four scrape intervals, of 1 s here. */
  static final String RATE_INTERVAL = "4s";

  /** Of migrations. */
  static final Path MIGRATIONS = Path.of("../docs/grafana-dashboard.json");

  static final Path PAGERS = Path.of("../docs/grafana-pager-dashboard.json");

  /** Reads that of migrations. */
  public static Dashboard read() throws IOException {
    return read(MIGRATIONS);
  }

  /** Reads that of pagers. */
  public static Dashboard ofPagers() throws IOException {
    return read(PAGERS);
  }

  static Dashboard read(Path file) throws IOException {
    JsonNode json = json(file);
    List<Panel> panels = new ArrayList<>();
    for (JsonNode panel : json.path("panels")) {
      panels.add(Panel.of(panel));
    }
    return new Dashboard(json.path("title").asString(), panels);
  }

  static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(Files.readString(file));
  }

  /** All queries, as Prometheus gets them from Grafana for all nodes. */
  public List<String> queries() {
    return panels.stream().flatMap(panel -> panel.targets().stream()).map(Target::query).toList();
  }
}
