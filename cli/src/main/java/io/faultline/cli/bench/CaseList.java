package io.faultline.cli.bench;

import java.util.ArrayList;
import java.util.List;

/** Gathers the migrations of this project's own that are measured. For one thread. */
final class CaseList {
  /** Huge pages need a few to make a table. */
  private static final long LEAST_RAM = 32L << 20;

  private static final long STEP = 8L << 20;

  private final BenchEnvironment environment;
  private final long ramBytes;
  private final List<BenchCase> cases = new ArrayList<>();

  CaseList(BenchEnvironment environment, long ramBytes) {
    this.environment = environment;
    this.ramBytes = ramBytes;
  }

  /** The usual size of a VM. */
  long ramBytes() {
    return ramBytes;
  }

  /** A part of it that a VM can have. */
  long part(int divisor) {
    return part(ramBytes, divisor);
  }

  /** A part of a size that a VM can have. */
  static long part(long ramBytes, int divisor) {
    return Math.max(LEAST_RAM, ramBytes / divisor / STEP * STEP);
  }

  /**
   * A case with 4 KiB pages of the usual size; what is to be different is said with its methods.
   */
  MigrationCase of(Figure figure, String name, String title, List<String> options) {
    return new MigrationCase(
        environment,
        figure,
        name,
        title,
        List.of(),
        List.of(),
        ramBytes,
        false,
        options,
        List.of());
  }

  void add(BenchCase each) {
    cases.add(each);
  }

  List<BenchCase> cases() {
    return cases;
  }
}
