package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.measure.MigrationCase;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import java.util.ArrayList;
import java.util.List;

/** Collects the cases of this project, and derives VM sizes for them. Not thread-safe. */
final class CaseList {
  /** The least memory with a useful number of huge pages. */
  private static final long MIN_RAM = 32L << 20;

  private static final long STEP = 8L << 20;

  private final BenchEnvironment environment;
  private final long ramBytes;
  private final List<BenchCase> cases = new ArrayList<>();

  CaseList(BenchEnvironment environment, long ramBytes) {
    this.environment = environment;
    this.ramBytes = ramBytes;
  }

  BenchEnvironment environment() {
    return environment;
  }

  /** The default size of a VM. */
  long ramBytes() {
    return ramBytes;
  }

  /** A fraction of the default size, rounded to a valid size. */
  long ramFraction(int divisor) {
    return ramFraction(ramBytes, divisor);
  }

  /** A fraction of a size, rounded to a valid size. */
  static long ramFraction(long ramBytes, int divisor) {
    return Math.max(MIN_RAM, ramBytes / divisor / STEP * STEP);
  }

  /** A migration of a VM of the default size with 4 KiB pages; methods of the case change that. */
  MigrationCase migration(ResultTable table, String name, String title, List<String> options) {
    return new MigrationCase(
        environment, table, name, title, List.of(), List.of(), ramBytes, false, options, List.of());
  }

  void add(BenchCase each) {
    cases.add(each);
  }

  List<BenchCase> cases() {
    return cases;
  }
}
