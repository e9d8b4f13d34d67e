package io.faultline.tests.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Nanoseconds per operation in C and in Java, one value per iteration, as a Markdown table. */
final class ComparisonTable {
  private final Map<String, Row> rows = new LinkedHashMap<>();

  private static final class Row {
    final List<Double> c = new ArrayList<>();
    final List<Double> threadedC = new ArrayList<>();
    final List<Double> java = new ArrayList<>();
    final List<Double> bytes = new ArrayList<>();
  }

  void addC(Timing timing) {
    row(timing).c.add(timing.nanos());
  }

  /** The C program with a second thread in its process. */
  void addThreadedC(Timing timing) {
    row(timing).threadedC.add(timing.nanos());
  }

  void addJava(Timing timing, double bytes) {
    row(timing).java.add(timing.nanos());
    row(timing).bytes.add(bytes);
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append("| operation | C, ns | C with threads, ns | Java, ns | Java / C |");
    text.append(" Java / C with threads | B/op |\n");
    text.append("|---|---:|---:|---:|---:|---:|---:|\n");
    rows.forEach((operation, row) -> text.append(line(operation, row)));
    return text.toString();
  }

  private Row row(Timing timing) {
    return rows.computeIfAbsent(timing.operation(), key -> new Row());
  }

  private static String line(String operation, Row row) {
    return String.join(
        " | ",
        "| " + operation,
        times(row.c),
        times(row.threadedC),
        times(row.java),
        ratio(row.java, row.c),
        ratio(row.java, row.threadedC),
        String.format(Locale.ROOT, "%.2f |%n", median(row.bytes)));
  }

  private static String ratio(List<Double> java, List<Double> c) {
    return c.isEmpty() ? "" : String.format(Locale.ROOT, "%.2f", median(java) / median(c));
  }

  private static String times(List<Double> values) {
    return values.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            "%.0f (%.0f to %.0f)",
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
