package io.faultline.cli.options;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rate on the command line: bytes per second as a {@link ByteSize}, with or without {@code /s}
 * ({@code 100m}, {@code 1.5g/s}); bits per second in powers of 1000 ({@code 10gbit}); or {@code
 * unlimited}.
 *
 * @param bytesPerSecond at least 1; {@link Long#MAX_VALUE} for no limit
 */
public record Bandwidth(long bytesPerSecond) {
  public static final Bandwidth UNLIMITED = new Bandwidth(Long.MAX_VALUE);

  private static final Pattern BITS = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)([kmg]?)bit");
  private static final String BIT_UNITS = "kmg";

  public Bandwidth {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException("a rate must be at least 1 byte/s, not " + bytesPerSecond);
    }
  }

  /**
   * Parses a rate.
   *
   * @throws IllegalArgumentException if it is none; the message is for the user
   */
  public static Bandwidth parse(String text) {
    String rate = text.strip().toLowerCase(Locale.ROOT);
    if (rate.equals("unlimited")) {
      return UNLIMITED;
    }
    rate = rate.endsWith("/s") ? rate.substring(0, rate.length() - 2) : rate;
    Matcher bits = BITS.matcher(rate);
    try {
      return new Bandwidth(bits.matches() ? bytes(bits) : ByteSize.parse(rate).bytes());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a rate: use bytes (100m), bits (10gbit) or unlimited", e);
    }
  }

  public boolean isUnlimited() {
    return bytesPerSecond == Long.MAX_VALUE;
  }

  @Override
  public String toString() {
    return isUnlimited() ? "unlimited" : new ByteSize(bytesPerSecond) + "/s";
  }

  private static long bytes(Matcher bits) {
    int thousands = BIT_UNITS.indexOf(bits.group(2)) + (bits.group(2).isEmpty() ? 0 : 1);
    return new BigDecimal(bits.group(1)).scaleByPowerOfTen(3 * thousands).longValue() / 8;
  }
}
