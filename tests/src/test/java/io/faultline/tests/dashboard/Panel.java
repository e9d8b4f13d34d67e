package io.faultline.tests.dashboard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A panel of the dashboard.
 *
 * @param unit of its values, as Grafana names it
 * @param unitsByName units of the series that have one of their own
 * @param logarithmic whether its values have a logarithmic axis
 * @param stepped whether its lines have steps
 * @param dashed series with a dashed line
 * @param states names and colours of the values of a state timeline
 */
record Panel(
    int id,
    String title,
    String type,
    Grid grid,
    String unit,
    Map<String, String> unitsByName,
    boolean logarithmic,
    boolean stepped,
    List<String> dashed,
    Map<Integer, State> states,
    List<Target> targets) {

  /** The place in a grid of 24 columns. */
  record Grid(int x, int y, int width, int height) {
    boolean overlaps(Grid other) {
      return x < other.x + other.width
          && other.x < x + width
          && y < other.y + other.height
          && other.y < y + height;
    }
  }

  record State(String name, String colour) {}

  static Panel of(JsonNode json) {
    JsonNode defaults = json.path("fieldConfig").path("defaults");
    JsonNode grid = json.path("gridPos");
    Map<String, String> units = new HashMap<>();
    List<String> dashed = new ArrayList<>();
    for (JsonNode override : json.path("fieldConfig").path("overrides")) {
      String series = override.path("matcher").path("options").asString();
      for (JsonNode property : override.path("properties")) {
        switch (property.path("id").asString()) {
          case "unit" -> units.put(series, property.path("value").asString());
          case "custom.lineStyle" -> dashed.add(series);
          default -> {} // not drawn
        }
      }
    }
    return new Panel(
        json.path("id").asInt(),
        json.path("title").asString(),
        json.path("type").asString(),
        new Grid(
            grid.path("x").asInt(),
            grid.path("y").asInt(),
            grid.path("w").asInt(),
            grid.path("h").asInt()),
        defaults.path("unit").asString(),
        units,
        "log".equals(defaults.at("/custom/scaleDistribution/type").asString("")),
        "stepAfter".equals(defaults.at("/custom/lineInterpolation").asString("")),
        dashed,
        states(defaults),
        targets(json));
  }

  /** The unit of one of its series. */
  String unitOf(Series series) {
    return unitsByName.getOrDefault(series.name(), unit);
  }

  private static Map<Integer, State> states(JsonNode defaults) {
    Map<Integer, State> states = new HashMap<>();
    for (JsonNode mapping : defaults.path("mappings")) {
      mapping
          .path("options")
          .properties()
          .forEach(
              each ->
                  states.put(
                      Integer.valueOf(each.getKey()),
                      new State(
                          each.getValue().path("text").asString(),
                          each.getValue().path("color").asString())));
    }
    return states;
  }

  private static List<Target> targets(JsonNode json) {
    List<Target> targets = new ArrayList<>();
    for (JsonNode target : json.path("targets")) {
      targets.add(
          new Target(
              target
                  .path("expr")
                  .asString()
                  .replace("$instance", ".*")
                  .replace("$__rate_interval", Dashboard.RATE_INTERVAL),
              target.path("legendFormat").asString()));
    }
    return targets;
  }
}
