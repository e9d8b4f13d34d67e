package io.faultline.cli.options;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses and formats durations: {@code 250us}, {@code 500ms}, {@code 2s}, {@code 1.5m}. */
public final class Durations {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)\\s*(ns|us|ms|s|m|h)");

  private Durations() {}

  /**
   * Parses a duration, which may be 0. The unit is required.
   *
   * @throws IllegalArgumentException if it is none; the message is for the user
   */
  static Duration parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a duration: use a number with us, ms, s or m, such as 500ms");
    }
    BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(nanosOf(matcher.group(2)));
    return Duration.ofNanos(nanos.longValue());
  }

  /** Formats a duration of up to eleven days so that {@link #parse} returns it exactly. */
  public static String format(Duration duration) {
    return BigDecimal.valueOf(duration.toNanos(), 6).stripTrailingZeros().toPlainString() + "ms";
  }

  /** As {@link #parse}, but refuses 0. */
  static Duration parsePositive(String text) {
    Duration duration = parse(text);
    if (duration.isZero()) {
      throw new IllegalArgumentException("'" + text + "' is 0: use a positive duration");
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
