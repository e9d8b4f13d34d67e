package io.faultline.uffd.simulated.process;

/**
 * A process and its program.
 *
 * @param areas the number of registered mappings, 1 to 16
 * @param pagesPerArea their length, at least 2
 * @param operations the number of operations of the program, and of each child's
 * @param maxProcesses how many processes may descend from it, including itself
 * @param readers the number of threads that only load
 */
public record ForeignOptions(
    int areas, int pagesPerArea, int operations, int maxProcesses, int readers) {

  /** Three mappings of 32 pages, 60 operations, up to 4 processes with one reader each. */
  public static final ForeignOptions DEFAULT = new ForeignOptions(3, 32, 60, 4, 1);

  public ForeignOptions {
    if (areas < 1 || areas > 16 || pagesPerArea < 2 || operations < 0 || maxProcesses < 1) {
      throw new IllegalArgumentException(
          "areas " + areas + ", pages " + pagesPerArea + ", operations " + operations);
    }
  }
}
