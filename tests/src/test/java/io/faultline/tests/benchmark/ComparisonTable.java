package io.faultline.tests.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Nanoseconds of operations in C and in Java, a value an iteration, as a table in Markdown. */
final class ComparisonTable {
  private final Map<String, Row> rows = new LinkedHashMap<>();

  private static final class Row {
    final List<Double> c = new ArrayList<>();
    final List<Double> java = new ArrayList<>();
    final List<Double> bytes = new ArrayList<>();
  }

  void addC(String operation, double nanos) {
    row(operation).c.add(nanos);
  }

  void addJava(String operation, double nanos, double bytes) {
    row(operation).java.add(nanos);
    row(operation).bytes.add(bytes);
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("| operation | C, ns | min to max | Java, ns | min to max | ratio | B/op |\n");
    text.append("|---|---:|---:|---:|---:|---:|---:|\n");
    rows.forEach((operation, row) -> text.append(line(operation, row)));
    return text.toString();
  }

  private Row row(String operation) {
    return rows.computeIfAbsent(operation, key -> new Row());
  }

  private static String line(String operation, Row row) {
    String ratio =
        row.c.isEmpty() ? "" : String.format(Locale.ROOT, "%.2f", median(row.java) / median(row.c));
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %.2f |%n",
        operation,
        times(row.c) + " | " + times(row.java),
        ratio,
        median(row.bytes));
  }

  private static String times(List<Double> values) {
    return values.isEmpty()
        ? " | "
        : String.format(
            Locale.ROOT,
            "%.0f | %.0f to %.0f",
            median(values),
            Collections.min(values),
            Collections.max(values));
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
