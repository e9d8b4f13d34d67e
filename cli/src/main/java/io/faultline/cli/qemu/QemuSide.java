package io.faultline.cli.qemu;

/** The two QEMUs of a demo. */
public enum QemuSide {
  SOURCE("source"),
  DESTINATION("dest");

  private final String text;

  QemuSide(String text) {
    this.text = text;
  }

  /** For names of files. */
  @Override
  public String toString() {
    return text;
  }
}
