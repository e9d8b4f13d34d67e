package io.faultline.cli.options;

/**
 * A part of a whole, such as {@code 5%}.
 *
 * @param percent 0 to 100
 */
public record Share(double percent) {
  /**
   * Parses a share.
   *
   * @throws IllegalArgumentException if it is none; the message is for the user
   */
  static Share parse(String text) {
    String number = text.strip();
    if (number.matches("\\d{1,3}(\\.\\d{1,6})?%")) {
      double percent = Double.parseDouble(number.substring(0, number.length() - 1));
      if (percent <= 100) {
        return new Share(percent);
      }
    }
    throw new IllegalArgumentException("'" + text + "' is not a share from 0% to 100%, as 5%");
  }

  /** This part of a number, rounded down. */
  public long of(long whole) {
    return (long) (whole * (percent / 100));
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return percent == Math.rint(percent) ? Math.round(percent) + "%" : percent + "%";
  }
}
