package io.faultline.cli.doctor;

/** How a finding is to be judged. */
enum Severity {
  /** Present and usable. */
  OK("ok"),
  /** Neither good nor bad. */
  INFO("-"),
  /** Limits some use of Faultline. */
  WARN("warn"),
  /** Absent. */
  MISSING("missing");

  private final String label;

  Severity(String label) {
    this.label = label;
  }

  /** As in text. */
  String label() {
    return label;
  }
}
