package io.faultline.cli.options;

/** What runs in the QEMUs of a demo. */
public enum QemuGuestKind {
  /** A guest program, whose end is compared with a run without a migration. */
  PROGRAM("program"),
  /** A Linux that checks sums of its memory. */
  LINUX("linux");

  private final String text;

  QemuGuestKind(String text) {
    this.text = text;
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return text;
  }
}
