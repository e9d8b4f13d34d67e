package io.faultline.cli.doctor;

/**
 * One thing that was looked at.
 *
 * @param name what it is, a few words
 * @param detail what was found
 * @param remedy the command that fixes it, else empty
 */
record Finding(Severity mark, String name, String detail, String remedy) {
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
