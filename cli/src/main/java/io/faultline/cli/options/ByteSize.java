package io.faultline.cli.options;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes on the command line: {@code 4096}, {@code 64m}, {@code 1g}, {@code 1.5g},
 * {@code 64MiB}. Units are powers of 1024 and case-insensitive. {@code MB} is refused because it is
 * ambiguous.
 *
 * @param bytes at least 1
 */
public record ByteSize(long bytes) {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,19}(?:\\.\\d{1,9})?)\\s*(?:([kmgt])(?:ib)?)?");

  private static final String UNITS = "kmgt";

  public ByteSize {
    if (bytes < 1) {
      throw new IllegalArgumentException("a size must be at least 1 byte, not " + bytes);
    }
  }

  /**
   * Parses a size.
   *
   * @throws IllegalArgumentException if it is none; the message is for the user
   */
  public static ByteSize parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a size: use a number with k, m, g or t, such as 64m or 1.5g");
    }
    BigDecimal number = new BigDecimal(matcher.group(1));
    String unit = matcher.group(2);
    int shift = unit == null ? 0 : 10 * (UNITS.indexOf(unit) + 1);
    try {
      long bytes = number.multiply(BigDecimal.valueOf(1L << shift)).longValueExact();
      if (bytes > 0) {
        return new ByteSize(bytes);
      }
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is too large, or not a whole number of bytes", e);
    }
    throw new IllegalArgumentException("'" + text + "' is too small: use at least 1 byte");
  }

  /** In the largest unit that divides the size: {@code 64m}, {@code 1g}, {@code 4097}. */
  @Override
  public String toString() {
    int unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.length());
    return unit == 0 ? Long.toString(bytes) : (bytes >> (10 * unit)) + "" + UNITS.charAt(unit - 1);
  }
}
