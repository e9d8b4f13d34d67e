package io.faultline.cli.bench;

import java.io.IOException;
import java.util.Map;

/** A row: something that is run once in each round. */
interface BenchCase {
  /** Unique, as on the command line. */
  String name();

  Figure figure();

  /** The case of ours beside which this one runs; its own name for one of ours. */
  default String counterpart() {
    return name();
  }

  /** Whether it is the work of others, beside ours. */
  default boolean isOther() {
    return !counterpart().equals(name());
  }

  /** For people. */
  String title();

  /** For JSON: how to do the same by hand. */
  String command();

  /**
   * Runs it once.
   *
   * @param round from 0
   * @throws CannotRunException where this machine does not allow it, now
   * @throws IOException where it failed
   */
  Map<Metric, Double> run(int round) throws IOException, InterruptedException, CannotRunException;

  /** A case that this machine cannot run: no failure, but no number either. */
  final class CannotRunException extends Exception {
    private static final long serialVersionUID = 1L;

    CannotRunException(String reason) {
      super(reason);
    }
  }
}
