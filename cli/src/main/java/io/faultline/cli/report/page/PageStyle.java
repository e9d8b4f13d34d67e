package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The start of each page: it has its style in itself, so that it loads nothing. */
final class PageStyle {
  static final String END = "</main>\n</body>\n</html>\n";

  private PageStyle() {}

  /**
   * Everything up to the main part.
   *
   * @param title in the title bar of the browser
   */
  static String begin(String title) {
    return "<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'/>\n"
        + "<meta name='viewport' content='width=device-width, initial-scale=1'/>\n<title>"
        + Svg.esc(title)
        + "</title>\n<style>\n"
        + style()
        + "</style>\n</head>\n<body>\n<main>\n";
  }

  /**
   * The heading with the result in a word.
   *
   * @param error may be empty
   */
  static String header(String heading, String verdict, boolean isGood, String error) {
    String badge =
        "<span class='badge "
            + (isGood ? "good" : "bad")
            + "' data-mark='verdict'>"
            + verdict
            + "</span>";
    String reason = error.isEmpty() ? "" : "<span class='error'>" + Svg.esc(error) + "</span>";
    return "<header>\n<h1>" + Svg.esc(heading) + "</h1>\n" + badge + reason + "</header>\n";
  }

  private static String style() {
    try (InputStream in = PageStyle.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IllegalStateException("report.css is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
