package io.faultline.cli.bench;

import io.faultline.cli.bench.umap.UmapSettings;
import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to measure.
 *
 * @param ramBytes guest memory of most cases: a multiple of 8 MiB, at least 32 MiB
 * @param rounds runs of each case, at least 1
 * @param only names of cases and tables; empty for all
 * @param umap what to compare with umap; empty for nothing
 * @param limit after which no run starts; empty for none
 */
record BenchSettings(
    boolean quick,
    long ramBytes,
    int rounds,
    long seed,
    List<String> only,
    boolean floor,
    boolean qemu,
    Optional<UmapSettings> umap,
    Optional<Duration> limit) {
  private static final long DEFAULT_RAM = 512L << 20;
  private static final long QUICK_RAM = 32L << 20;
  private static final long STEP = 8L << 20; // a quarter of it is a whole huge page
  private static final int DEFAULT_ROUNDS = 3;
  private static final int MAX_ROUNDS = 1000;

  /** Of the comparison with umap, whose runs take minutes. */
  private static final Duration UMAP_LIMIT = Duration.ofMinutes(9);

  /**
   * Validates the options of the command line.
   *
   * @throws UsageException if a value is out of range
   */
  static BenchSettings of(
      boolean quick,
      @Nullable ByteSize ram,
      @Nullable Integer rounds,
      long seed,
      List<String> only,
      boolean floor,
      boolean qemu,
      Optional<UmapSettings> umap,
      @Nullable Duration limit) {
    long ramBytes = ram == null ? (quick ? QUICK_RAM : DEFAULT_RAM) : ram.bytes();
    int times = rounds == null ? (quick ? 1 : DEFAULT_ROUNDS) : rounds;
    if (ramBytes < QUICK_RAM || ramBytes % STEP != 0) {
      throw new UsageException("--ram " + ram + ": use a multiple of 8m, at least 32m");
    }
    if (times < 1 || times > MAX_ROUNDS) {
      throw new UsageException("--rounds " + times + ": use 1 to " + MAX_ROUNDS);
    }
    if (limit != null && limit.isZero()) {
      throw new UsageException("--limit 0: nothing could run; use a positive duration such as 10m");
    }
    boolean isOpen = limit == null && rounds == null && umap.isPresent();
    Optional<Duration> end = isOpen ? Optional.of(UMAP_LIMIT) : Optional.ofNullable(limit);
    return new BenchSettings(
        quick, ramBytes, times, seed, List.copyOf(only), floor, qemu, umap, end);
  }

  /** Human-readable. */
  String describe() {
    return String.format(
        "%d MiB RAM, %d %s, seed %d%s",
        ramBytes >> 20, rounds, rounds == 1 ? "round" : "rounds", seed, quick ? ", quick" : "");
  }
}
