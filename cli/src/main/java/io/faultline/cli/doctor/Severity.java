package io.faultline.cli.doctor;

/** How good a finding is. */
enum Severity {
  /** There, and of use. */
  OK("ok"),
  /** Neither good nor bad by itself. */
  INFO("-"),
  /** Something is limited that some use of Faultline needs. */
  WARN("warn"),
  /** Not there. */
  MISSING("missing");

  private final String label;

  Severity(String label) {
    this.label = label;
  }

  /** As it is shown and put into JSON. */
  String label() {
    return label;
  }
}
