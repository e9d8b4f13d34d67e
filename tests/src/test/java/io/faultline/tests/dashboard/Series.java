package io.faultline.tests.dashboard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A series of a panel.
 *
 * @param name its legend
 * @param points in the order of time; values may be NaN
 */
record Series(String name, List<Point> points) {
  private static final Pattern LABEL = Pattern.compile("\\{\\{(\\w+)}}");

  /**
   * @param seconds since the epoch
   */
  record Point(double seconds, double value) {}

  /** The series of all queries of a panel. */
  static List<Series> of(Panel panel, RangeQuery query) throws IOException, InterruptedException {
    List<Series> all = new ArrayList<>();
    for (Target target : panel.targets()) {
      for (JsonNode result : query.results(target.query())) {
        all.add(of(target.legend(), result));
      }
    }
    return all;
  }

  private static Series of(String legend, JsonNode result) {
    JsonNode labels = result.path("metric");
    String name =
        LABEL
            .matcher(legend)
            .replaceAll(
                found -> Matcher.quoteReplacement(labels.path(found.group(1)).asString("")));
    List<Point> points = new ArrayList<>();
    for (JsonNode each : result.path("values")) {
      points.add(new Point(each.get(0).asDouble(), number(each.get(1).asString())));
    }
    return new Series(name, points);
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  /** The last value that is a number. */
  OptionalDouble last() {
    return points.reversed().stream()
        .mapToDouble(Point::value)
        .filter(Double::isFinite)
        .findFirst();
  }

  /** The value at a time; NaN if there is none. */
  double at(double seconds) {
    return points.stream()
        .filter(point -> point.seconds() == seconds)
        .mapToDouble(Point::value)
        .findFirst()
        .orElse(Double.NaN);
  }
}
