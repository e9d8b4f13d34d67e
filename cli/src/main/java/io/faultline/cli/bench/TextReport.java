package io.faultline.cli.bench;

import java.util.List;

/** Tables for a terminal; they are Markdown, too. */
final class TextReport {
  private TextReport() {}

  static String of(BenchResult result) {
    StringBuilder text = new StringBuilder();
    result.facts().forEach((key, value) -> text.append(key + ": " + value + "\n"));
    text.append("\nMedian (least to most) of the rounds. Every migration of ours was verified.\n");
    for (Figure figure : Figure.values()) {
      if (!result.rows(figure).isEmpty()) {
        text.append("\n" + figure.title() + "\n" + figure.note() + "\n\n");
        text.append(format(Tables.of(result, figure)));
      }
    }
    if (!result.ratios().isEmpty()) {
      text.append("\nRatios, round by round\n\n" + format(Tables.ratios(result)));
    }
    if (!result.targets().isEmpty()) {
      text.append("\nTargets\n\n" + format(Tables.targets(result)));
      text.append("\n" + Target.ELSEWHERE + "\n");
    }
    return text.toString();
  }

  /** Lays a table out; the first row is its heading. */
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
