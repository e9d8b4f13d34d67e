package io.faultline.tests.benchmark;

/** The mean time of an operation in one iteration. */
record Timing(String operation, double nanos) {

  /** Parses a line of the C program: {@code OPERATION NANOSECONDS}. */
  static Timing parse(String line) {
    int space = line.indexOf(' ');
    return new Timing(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
  }
}
