package io.faultline.uffd.races;

import java.io.IOException;

/** Prints a run in human-readable form: one column per thread, time runs downwards. */
final class Diagram {
  private static final int COLUMN = 34;

  private Diagram() {}

  static void draw(Run run, Appendable out) throws IOException {
    line(out, Role.VCPU.title(), Role.BACKGROUND.title(), Role.FAULT_READER.title());
    line(out, "----", "--------------", "-------------");
    for (Action action : run.actions()) {
      draw(action, out);
    }
  }

  private static void draw(Action action, Appendable out) throws IOException {
    String rest = action.text();
    while (!rest.isEmpty()) {
      String part = firstLine(rest);
      rest = rest.substring(part.length()).strip();
      String indent = " ".repeat(2 + COLUMN * action.role().ordinal());
      out.append(indent).append(part.strip()).append('\n');
    }
  }

  private static String firstLine(String text) {
    if (text.length() < COLUMN) {
      return text;
    }
    int space = text.lastIndexOf(' ', COLUMN - 1);
    return space <= 0 ? text : text.substring(0, space);
  }

  private static void line(Appendable out, String a, String b, String c) throws IOException {
    String text = String.format("  %-" + COLUMN + "s%-" + COLUMN + "s%s", a, b, c);
    out.append(text.stripTrailing()).append('\n');
  }
}
