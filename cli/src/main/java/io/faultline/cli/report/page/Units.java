package io.faultline.cli.report.page;

import java.util.Locale;

/** Numbers with units, for the user. */
final class Units {
  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Units() {}

  /** A length of time with three significant digits, such as 2.31 ms. */
  static String nanos(long nanos) {
    return nanos((double) nanos);
  }

  /** The same for a time that was computed. */
  static String nanos(double nanos) {
    double size = Math.abs(nanos);
    if (size < 1e3) {
      return String.format(Locale.ROOT, "%.0f ns", nanos);
    }
    if (size < 1e6) {
      return digits(nanos / 1e3) + " \u00b5s";
    }
    return size < 1e9 ? digits(nanos / 1e6) + " ms" : digits(nanos / 1e9) + " s";
  }

  /** A multiple of a step, with as many decimals as the step needs. */
  static String nanosIn(long nanos, long stepNanos) {
    boolean seconds = stepNanos >= 100_000_000;
    double unit = seconds ? 1e9 : stepNanos >= 100_000 ? 1e6 : 1e3;
    String name = seconds ? "s" : unit == 1e6 ? "ms" : "\u00b5s";
    int decimals = stepNanos % (long) unit == 0 ? 0 : 1;
    return String.format(Locale.ROOT, "%,." + decimals + "f %s", nanos / unit, name);
  }

  /** Bytes with three significant digits, such as 1.50 GiB. */
  static String bytes(long bytes) {
    return bytes((double) bytes);
  }

  /** The same for a number that was computed. */
  static String bytes(double bytes) {
    int unit = 0;
    double value = bytes;
    while (Math.abs(value) >= 1000 && unit < BINARY.length - 1) {
      value /= 1024;
      unit++;
    }
    boolean whole = value == Math.rint(value);
    return (whole ? count((long) value) : digits(value)) + " " + BINARY[unit];
  }

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** Three significant digits. */
  static String digits(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }

  /** A step of 1, 2 or 5 times a power of ten that divides a length into at most so many parts. */
  static long niceStep(long length, int most) {
    long power = 1;
    while (true) {
      for (int factor : new int[] {1, 2, 5}) {
        if (length / (factor * power) <= most) {
          return factor * power;
        }
      }
      power *= 10;
    }
  }

  /** At least the value: 1, 2 or 5 times a power of two thousand and twenty-four, for an axis. */
  static double niceBytes(double bytes) {
    double unit = 1;
    while (bytes / unit >= 1024) {
      unit *= 1024;
    }
    for (double factor :
        new double[] {1, 2, 4, 5, 8, 10, 20, 40, 50, 80, 100, 200, 400, 500, 800}) {
      if (bytes <= factor * unit) {
        return factor * unit;
      }
    }
    return 1024 * unit;
  }
}
