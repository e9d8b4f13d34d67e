package io.faultline.cli.bench.result;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** Something to measure, once in each round: a row of a table. */
public interface BenchCase {
  /** Prefix of the names of the cases of the C floor. */
  String FLOOR_PREFIX = "floor-";

  /** Unique, as on the command line. */
  String name();

  ResultTable table();

  /**
   * For a reference case (C, QEMU or CRIU), the name of the case of this project that it is
   * compared with; otherwise its own name.
   */
  default String counterpart() {
    return name();
  }

  /** Whether it measures a reference (C, QEMU or CRIU) and not this project. */
  default boolean isReference() {
    return !counterpart().equals(name());
  }

  /** Human-readable. */
  String title();

  /** A command that does the same by hand. */
  String command();

  /**
   * In how many rounds it runs.
   *
   * @param wanted the rounds of all others, at least 1
   */
  default int rounds(int wanted) {
    return wanted;
  }

  /**
   * Runs it once.
   *
   * @param round from 0
   * @throws CannotRunException if this machine cannot run it
   * @throws UnfinishedException if it was ended, since it took too long
   * @throws IOException if it failed
   */
  Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException, UnfinishedException;

  /** A run was ended at its limit: all that is known is that it takes longer. */
  final class UnfinishedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final double seconds;

    /**
     * @param seconds the limit of the run time
     */
    public UnfinishedException(double seconds) {
      super(String.format(Locale.ROOT, "ended after %.0f s", seconds));
      this.seconds = seconds;
    }

    public double seconds() {
      return seconds;
    }
  }

  /** This machine cannot run a case: not a failure, but there are no values. */
  final class CannotRunException extends Exception {
    private static final long serialVersionUID = 1L;

    public CannotRunException(String reason) {
      super(reason);
    }
  }
}
