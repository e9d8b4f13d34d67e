package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import java.io.IOException;

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
   * @throws CannotRunException if this machine cannot, or this system with so little memory
   * @throws IOException if the program fails
   */
  MeasuredProgram.Result run(UmapLab lab, PagedProgram program)
      throws IOException, InterruptedException, CannotRunException;
}
