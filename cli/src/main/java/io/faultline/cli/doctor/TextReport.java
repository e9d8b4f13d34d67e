package io.faultline.cli.doctor;

import java.io.PrintWriter;

/** Prints the diagnosis as human-readable text. */
final class TextReport {
  private static final String GREEN = "\033[32m";
  private static final String YELLOW = "\033[33m";
  private static final String RED = "\033[31m";
  private static final String BOLD = "\033[1m";
  private static final String FAINT = "\033[2m";
  private static final String RESET = "\033[0m";

  private static final int MARK_WIDTH = 9;

  private final PrintWriter out;
  private final boolean colours;

  TextReport(PrintWriter out, boolean colours) {
    this.out = out;
    this.colours = colours;
  }

  void print(Diagnosis diagnosis) {
    int nameWidth = 0;
    for (Section section : diagnosis.sections()) {
      for (Finding finding : section.findings()) {
        nameWidth = Math.max(nameWidth, finding.name().length());
      }
    }
    for (Section section : diagnosis.sections()) {
      out.println(in(BOLD, section.title()));
      for (Finding finding : section.findings()) {
        print(finding, nameWidth);
      }
      out.println();
    }
    for (String line : diagnosis.verdict()) {
      out.println(in(BOLD, line));
    }
    out.flush();
  }

  private void print(Finding finding, int nameWidth) {
    String mark = padded(finding.severity().label(), MARK_WIDTH);
    String name = padded(finding.name(), nameWidth + 2);
    out.println("  " + in(colour(finding.severity()), mark) + name + finding.detail());
    if (!finding.remedy().isEmpty()) {
      out.println(padded("", 2 + MARK_WIDTH + nameWidth + 2) + in(BOLD, "-> " + finding.remedy()));
    }
  }

  private String in(String code, String text) {
    return colours ? code + text + RESET : text;
  }

  private static String colour(Severity mark) {
    return switch (mark) {
      case OK -> GREEN;
      case INFO -> FAINT;
      case WARN -> YELLOW;
      case MISSING -> RED;
    };
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }
}
