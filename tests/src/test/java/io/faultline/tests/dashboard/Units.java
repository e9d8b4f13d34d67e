package io.faultline.tests.dashboard;

import java.util.Locale;
import java.util.Set;

/** Numbers with the units of Grafana. */
final class Units {
  /** Those of the dashboard. */
  static final Set<String> KNOWN = Set.of("none", "s", "bytes", "binBps", "percentunit");

  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB"};

  private Units() {}

  /** A value with its unit, to three digits. */
  static String format(String unit, double value) {
    return switch (unit) {
      case "s" -> seconds(value);
      case "bytes" -> bytes(value);
      case "binBps" -> bytes(value) + "/s";
      case "percentunit" -> digits(value * 100) + " %";
      default -> digits(value);
    };
  }

  /** A round number of at least a fraction of the largest value; of bytes a power of two. */
  static double step(String unit, double largest, int parts) {
    double least = largest / parts;
    if (unit.equals("bytes") || unit.equals("binBps")) {
      return Math.pow(2, Math.ceil(Math.log(least) / Math.log(2)));
    }
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    double lead = least / power;
    double step = (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
    return unit.equals("none") ? Math.max(1, step) : step;
  }

  private static String seconds(double value) {
    if (value >= 60) {
      return digits(value / 60) + " min";
    }
    if (value >= 1 || value == 0) {
      return digits(value) + " s";
    }
    return value >= 1e-3 ? digits(value * 1e3) + " ms" : digits(value * 1e6) + " µs";
  }

  private static String bytes(double value) {
    double scale = scale(value);
    return digits(value / scale) + " " + BINARY[(int) Math.round(Math.log(scale) / Math.log(1024))];
  }

  private static double scale(double value) {
    double scale = 1;
    for (int i = 1; i < BINARY.length && value >= scale * 1024; i++) {
      scale *= 1024;
    }
    return scale;
  }

  private static String digits(double value) {
    int decimals = value >= 100 || value == 0 ? 0 : value >= 10 ? 1 : 2;
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }
}
