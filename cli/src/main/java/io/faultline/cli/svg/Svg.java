package io.faultline.cli.svg;

import java.util.Locale;

/** Builds one SVG drawing; coordinates are in user units, from the upper left corner. */
public final class Svg {
  private final StringBuilder text = new StringBuilder();

  /**
   * Starts a drawing.
   *
   * @param label text alternative for screen readers
   */
  public Svg(double width, double height, String label) {
    add(
        "<svg viewBox='0 0 %s %s' role='img' aria-label='%s'>"
            .formatted(n(width), n(height), esc(label)));
  }

  public Svg line(String style, double x1, double y1, double x2, double y2) {
    return add(
        "<line class='%s' x1='%s' y1='%s' x2='%s' y2='%s'/>"
            .formatted(style, n(x1), n(y1), n(x2), n(y2)));
  }

  public Svg rect(String style, double x, double y, double width, double height) {
    return add(
        "<rect class='%s' x='%s' y='%s' width='%s' height='%s'/>"
            .formatted(style, n(x), n(y), n(width), n(height)));
  }

  public Svg circle(String style, double x, double y, double radius) {
    return add(
        "<circle class='%s' cx='%s' cy='%s' r='%s'/>".formatted(style, n(x), n(y), n(radius)));
  }

  /**
   * Adds a path.
   *
   * @param data path data, such as {@code M0 0h8v8z}
   */
  public Svg path(String style, CharSequence data) {
    return add("<path class='%s' d='%s'/>".formatted(style, data));
  }

  /**
   * Adds a line of text.
   *
   * @param anchor start, middle or end: the part of the text that is at x
   */
  public Svg words(String style, String anchor, double x, double y, String words) {
    return add(
        "<text class='%s' text-anchor='%s' x='%s' y='%s'>%s</text>"
            .formatted(style, anchor, n(x), n(y), esc(words)));
  }

  /**
   * Opens a group with {@code data-*} attributes, by which scripts and tests find it; {@link
   * #endGroup} closes it.
   *
   * @param data names without {@code data-}, each followed by its value
   */
  public Svg group(String... data) {
    StringBuilder attributes = new StringBuilder();
    for (int i = 0; i < data.length; i += 2) {
      attributes.append(" data-%s='%s'".formatted(data[i], esc(data[i + 1])));
    }
    return add("<g" + attributes + ">");
  }

  public Svg endGroup() {
    return add("</g>");
  }

  /** The tooltip of the group that was opened last. */
  public Svg tooltip(String words) {
    return add("<title>" + esc(words) + "</title>");
  }

  /** Closes the drawing and returns it. */
  public String end() {
    return text.append("</svg>\n").toString();
  }

  /** Escapes text for the content of an element or the value of an attribute. */
  public static String esc(String words) {
    return words
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** A coordinate, with one decimal if it has any. */
  public static String n(double value) {
    double tenths = Math.rint(value * 10);
    return tenths % 10 == 0
        ? Long.toString((long) (tenths / 10))
        : String.format(Locale.ROOT, "%.1f", value);
  }

  private Svg add(String element) {
    text.append(element).append('\n');
    return this;
  }
}
