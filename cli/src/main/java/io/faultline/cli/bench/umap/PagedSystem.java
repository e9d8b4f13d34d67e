package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import io.faultline.cli.bench.result.BenchCase.UnfinishedException;
import java.io.IOException;
import java.time.Duration;

/** Who fills and evicts the pages of a program's memory. */
sealed interface PagedSystem permits PagerSystem, UmapSystem, MmapSystem {
  /** The granularity with which the programs work, unless umap's pages are larger. */
  long PAGE_BYTES = 4096;

  /** Of the name of its cases, after the name of our case; empty for us. */
  String suffix();

  /** Human-readable. */
  String title();

  /** The settings in front of a command that does the same by hand. */
  String byHand(UmapSettings.Size size);

  /** The size of the pages that the program works with. */
  default long pageBytes() {
    return PAGE_BYTES;
  }

  /** The option that the program needs; empty for none. */
  default String option() {
    return "";
  }

  /**
   * Runs a program.
   *
   * @param limit after which it is killed
   * @throws UnfinishedException if it was killed then
   * @throws CannotRunException if this machine cannot, or this system with so little memory
   * @throws IOException if the program fails
   */
  MeasuredProgram.Result run(UmapLab lab, PagedProgram program, Duration limit)
      throws IOException, InterruptedException, CannotRunException, UnfinishedException;
}
