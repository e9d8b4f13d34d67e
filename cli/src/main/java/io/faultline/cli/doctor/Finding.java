package io.faultline.cli.doctor;

/**
 * The result of one check.
 *
 * @param name what was checked, in a few words
 * @param detail what was found
 * @param remedy the command that fixes it; empty if none is needed or known
 */
record Finding(Severity severity, String name, String detail, String remedy) {
  static Finding ok(String name, String detail) {
    return new Finding(Severity.OK, name, detail, "");
  }

  static Finding info(String name, String detail) {
    return new Finding(Severity.INFO, name, detail, "");
  }

  static Finding warn(String name, String detail, String remedy) {
    return new Finding(Severity.WARN, name, detail, remedy);
  }

  static Finding missing(String name, String detail, String remedy) {
    return new Finding(Severity.MISSING, name, detail, remedy);
  }
}
