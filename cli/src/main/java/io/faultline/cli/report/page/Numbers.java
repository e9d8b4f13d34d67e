package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The numbers of the result as tables. Keys that no table lists are in a table of their own, by
 * their names in the JSON result, so that none is lost.
 */
final class Numbers {
  private final ObjectNode result;
  private final Set<String> shown = new HashSet<>();
  private final StringBuilder text = new StringBuilder();

  private Numbers(ObjectNode result) {
    this.result = result;
  }

  static String of(ObjectNode result) {
    Numbers numbers = new Numbers(result);
    numbers.text.append("<div class='cards' data-mark='numbers'>\n");
    NumberRows.TABLES.forEach(numbers::table);
    numbers.rest();
    return numbers.text.append("</div>\n").toString();
  }

  private void table(NumberRows.Table table) {
    List<String[]> rows = new ArrayList<>();
    for (NumberRows.Row row : table.rows()) {
      shown.add(row.path());
      JsonNode value = result.at(row.path());
      if (!value.isMissingNode() && !value.isNull()) {
        rows.add(new String[] {row.label(), format(value, row.unit()), row.path()});
      }
    }
    append(table.title(), rows);
  }

  private void rest() {
    List<String[]> rows = new ArrayList<>();
    collect("", result, rows);
    append("More", rows);
  }

  private void collect(String path, JsonNode node, List<String[]> rows) {
    if (node instanceof ObjectNode object) {
      object
          .properties()
          .forEach(each -> collect(path + "/" + each.getKey(), each.getValue(), rows));
    } else if (!shown.contains(path) && !node.isNull()) {
      rows.add(
          new String[] {
            path.substring(1).replace('/', ' ').replace('_', ' '), format(node, unitOf(path)), path
          });
    }
  }

  private void append(String title, List<String[]> rows) {
    if (rows.isEmpty()) {
      return;
    }
    text.append("<section class='card'><h3>").append(Svg.esc(title)).append("</h3>\n<table>\n");
    for (String[] row : rows) {
      text.append("<tr data-key='").append(Svg.esc(row[2])).append("'><th>");
      text.append(Svg.esc(row[0])).append("</th><td>").append(Svg.esc(row[1]));
      text.append("</td></tr>\n");
    }
    text.append("</table></section>\n");
  }

  /**
   * @param unit of the value; {@code bytes} for a size, {@code share} for a part of 1; empty for
   *     none
   */
  static String format(JsonNode value, String unit) {
    if (value.isArray()) {
      return list(value, unit);
    }
    if (!value.isNumber()) {
      return value.isBoolean() ? (value.asBoolean() ? "yes" : "no") : value.asString("");
    }
    return switch (unit) {
      case "bytes" -> Units.bytes(value.asDouble());
      case "plain" -> value.asString();
      case "share" -> String.format(Locale.ROOT, "%.1f %%", value.asDouble() * 100);
      case "ms" -> Units.nanos(value.asDouble() * 1e6);
      case "us" -> Units.nanos(value.asDouble() * 1e3);
      case "MiB/s" -> Units.digits(value.asDouble()) + " MiB/s";
      default -> {
        String number = decimal(value.asDouble());
        yield unit.isEmpty() ? number : number + " " + unit;
      }
    };
  }

  /** At most three decimals, and none that are 0. */
  private static String decimal(double value) {
    return value == Math.rint(value)
        ? Units.count((long) value)
        : String.format(Locale.ROOT, "%,.3f", value).replaceFirst("0+$", "");
  }

  /** The unit that the name of a key says; empty for none. */
  private static String unitOf(String path) {
    if (path.contains("bytes")) {
      return "bytes";
    }
    return path.matches(".*_ms(/.*)?") ? "ms" : "";
  }

  /** The smallest, the mean and the largest of more than a few values. */
  private static String list(JsonNode values, String unit) {
    List<String> all = new ArrayList<>();
    double sum = 0;
    double least = Double.MAX_VALUE;
    double most = 0;
    boolean numbers = true;
    for (JsonNode each : values) {
      all.add(format(each, unit));
      numbers &= each.isNumber();
      sum += each.asDouble(0);
      least = Math.min(least, each.asDouble(0));
      most = Math.max(most, each.asDouble(0));
    }
    if (all.size() <= 4 || !numbers) {
      return String.join(", ", all);
    }
    return value(least, unit)
        + " to "
        + value(most, unit)
        + ", mean "
        + value(sum / all.size(), unit);
  }

  private static String value(double number, String unit) {
    return switch (unit) {
      case "bytes" -> Units.bytes(number);
      case "ms" -> Units.nanos(number * 1e6);
      default -> Units.count(Math.round(number));
    };
  }
}
