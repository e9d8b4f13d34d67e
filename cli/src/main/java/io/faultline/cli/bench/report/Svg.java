package io.faultline.cli.bench.report;

import java.util.Locale;

/** Builds one SVG drawing; coordinates are in user units, from the upper left corner. */
final class Svg {
  private final StringBuilder text = new StringBuilder();

  /**
   * @param label text alternative for screen readers
   */
  Svg(double width, double height, String label) {
    add(
        "<svg viewBox='0 0 %s %s' role='img' aria-label='%s'>"
            .formatted(n(width), n(height), esc(label)));
  }

  Svg line(String style, double x1, double y1, double x2, double y2) {
    return add(
        "<line class='%s' x1='%s' y1='%s' x2='%s' y2='%s'/>"
            .formatted(style, n(x1), n(y1), n(x2), n(y2)));
  }

  Svg rect(String style, double x, double y, double width, double height) {
    return add(
        "<rect class='%s' x='%s' y='%s' width='%s' height='%s'/>"
            .formatted(style, n(x), n(y), n(width), n(height)));
  }

  Svg circle(String style, double x, double y, double radius) {
    return add(
        "<circle class='%s' cx='%s' cy='%s' r='%s'/>".formatted(style, n(x), n(y), n(radius)));
  }

  /**
   * @param anchor start, middle or end: the part of the text that is at x
   */
  Svg words(String style, String anchor, double x, double y, String words) {
    return add(
        "<text class='%s' text-anchor='%s' x='%s' y='%s'>%s</text>"
            .formatted(style, anchor, n(x), n(y), esc(words)));
  }

  /** Closes the drawing and returns it. */
  String end() {
    return text.append("</svg>\n").toString();
  }

  /** Escapes text for the content of an element or the value of an attribute. */
  static String esc(String words) {
    return words
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private Svg add(String element) {
    text.append(element).append('\n');
    return this;
  }

  private static String n(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
