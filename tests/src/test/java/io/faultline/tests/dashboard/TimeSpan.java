package io.faultline.tests.dashboard;

/**
 * The time that a picture shows.
 *
 * @param from seconds since the epoch, a whole number
 * @param to likewise
 * @param step seconds between two points
 */
public record TimeSpan(double from, double to, double step) {
  private static final long[] GRID = {1, 2, 5, 10, 20, 30, 60, 120, 300};
  private static final int MOST_LINES = 9;

  double seconds() {
    return to - from;
  }

  /** Seconds between two lines of the grid. */
  long gridSeconds() {
    for (long each : GRID) {
      if (seconds() / each <= MOST_LINES) {
        return each;
      }
    }
    return (long) (seconds() / MOST_LINES) + 1;
  }
}
