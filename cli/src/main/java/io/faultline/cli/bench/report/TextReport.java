package io.faultline.cli.bench.report;

import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.Target;
import java.util.List;

/** The report for a terminal; its tables are Markdown. */
public final class TextReport {
  private TextReport() {}

  public static String of(BenchResult result) {
    StringBuilder text = new StringBuilder();
    result.facts().forEach((key, value) -> text.append(key + ": " + value + "\n"));
    text.append(
        "\n"
            + "Median (minimum to maximum) of the rounds. All migrations by Faultline were"
            + " verified.\n");
    for (ResultTable table : ResultTable.values()) {
      if (!result.rows(table).isEmpty()) {
        text.append("\n" + table.title() + "\n" + table.note() + "\n\n");
        text.append(format(TableRows.of(result, table)));
      }
    }
    if (!result.ratios().isEmpty()) {
      text.append("\nRatios, round by round\n\n" + format(TableRows.ratios(result)));
    }
    if (!result.targets().isEmpty()) {
      text.append("\nTargets\n\n" + format(TableRows.targets(result)));
      text.append("\n" + Target.NOT_MEASURED + "\n");
    }
    return text.toString();
  }

  /** Aligns the columns of a table; the first row is the heading. */
  static String format(List<List<String>> rows) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder(line(rows.getFirst(), widths));
    text.append('|');
    for (int width : widths) {
      text.append("-".repeat(width + 2)).append('|');
    }
    text.append('\n');
    rows.stream().skip(1).forEach(row -> text.append(line(row, widths)));
    return text.toString();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder text = new StringBuilder("|");
    for (int i = 0; i < widths.length; i++) {
      String cell = row.get(i);
      text.append(' ').append(cell).repeat(" ", widths[i] - cell.length()).append(" |");
    }
    return text.append('\n').toString();
  }
}
