package io.faultline.cli.options;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations on the command line: {@code 250us}, {@code 500ms}, {@code 2s}, {@code 1.5m}. */
public final class Durations {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)\\s*(ns|us|ms|s|m|h)");

  private Durations() {}

  /**
   * Reads a duration; 0 is one, but it needs a unit as well.
   *
   * @throws IllegalArgumentException with what is wrong, for the user
   */
  static Duration parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a duration: write a number with us, ms, s or m, such as 500ms");
    }
    BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(nanosOf(matcher.group(2)));
    return Duration.ofNanos(nanos.longValue());
  }

  /** A duration as {@link #parse} reads it, to the nanosecond; up to eleven days. */
  public static String format(Duration duration) {
    return BigDecimal.valueOf(duration.toNanos(), 6).stripTrailingZeros().toPlainString() + "ms";
  }

  /** As {@link #parse}, but 0 is none. */
  static Duration parsePositive(String text) {
    Duration duration = parse(text);
    if (duration.isZero()) {
      throw new IllegalArgumentException("'" + text + "' is no time at all");
    }
    return duration;
  }

  private static BigDecimal nanosOf(String unit) {
    return BigDecimal.valueOf(
        switch (unit) {
          case "ns" -> 1L;
          case "us" -> 1_000L;
          case "ms" -> 1_000_000L;
          case "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          default -> throw new AssertionError(unit);
        });
  }
}
