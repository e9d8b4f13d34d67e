package io.faultline.uffd.conformance;

import java.util.LinkedHashMap;
import java.util.Map;

/** Prints a matrix as plain text. */
final class MatrixPrinter {
  private static final int NAME_WIDTH = 22;

  private final Matrix matrix;
  private final StringBuilder out = new StringBuilder();

  MatrixPrinter(Matrix matrix) {
    this.matrix = matrix;
  }

  String print() {
    out.append(pad("engine: " + matrix.engine(), NAME_WIDTH));
    for (MemoryType type : MemoryType.values()) {
      out.append("  ").append(type.title());
    }
    out.append('\n');
    Map<String, Map<MemoryType, CellResult>> rows = new LinkedHashMap<>();
    for (CellResult cell : matrix.cells()) {
      rows.computeIfAbsent(cell.name(), name -> new LinkedHashMap<>()).put(cell.memory(), cell);
    }
    rows.forEach(this::row);
    reasons(Verdict.FAIL, "failed");
    reasons(Verdict.NOT_SUPPORTED, "not supported");
    return out.append('\n').append(totals()).append('\n').toString();
  }

  private void row(String name, Map<MemoryType, CellResult> cells) {
    out.append(pad(name, NAME_WIDTH));
    for (MemoryType type : MemoryType.values()) {
      CellResult cell = cells.get(type);
      String mark = cell == null ? "." : mark(cell.verdict());
      out.append("  ").append(pad(mark, type.title().length()));
    }
    out.append('\n');
  }

  private void reasons(Verdict verdict, String title) {
    Map<String, String> byReason = new LinkedHashMap<>();
    for (CellResult cell : matrix.cells()) {
      if (cell.verdict() == verdict) {
        byReason.merge(cell.reason(), cell.cell(), (one, two) -> one + ", " + two);
      }
    }
    if (!byReason.isEmpty()) {
      out.append('\n').append(title).append(":\n");
      byReason.forEach(
          (reason, cells) ->
              out.append("  ").append(cells).append(":\n      ").append(reason).append('\n'));
    }
  }

  private String totals() {
    long millis = matrix.cells().stream().mapToLong(CellResult::millis).sum();
    return String.format(
        "%d pass, %d fail, %d not supported, %.1f s, seed %d",
        matrix.count(Verdict.PASS),
        matrix.count(Verdict.FAIL),
        matrix.count(Verdict.NOT_SUPPORTED),
        millis / 1000.0,
        matrix.seed());
  }

  private static String mark(Verdict verdict) {
    return switch (verdict) {
      case PASS -> "pass";
      case FAIL -> "FAIL";
      case NOT_SUPPORTED -> "-";
    };
  }

  private static String pad(String text, int width) {
    return String.format("%-" + width + "s", text);
  }
}
