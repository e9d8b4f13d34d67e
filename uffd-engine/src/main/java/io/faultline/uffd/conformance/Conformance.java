package io.faultline.uffd.conformance;

import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.PageSize;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks an engine against the known behaviour of the Linux kernel: a matrix of cases and kinds of
 * memory.
 *
 * <p>If the engine or machine lacks something, the cell is not supported, with the reason. Every
 * wait has a time limit; a cell that hangs fails, and its threads are woken. Missing huge pages are
 * borrowed for the run if this process is permitted to.
 */
public final class Conformance {
  /** The maximum number of 2 MiB pages that a case uses. */
  static final long HUGE_PAGES = 24;

  private Conformance() {}

  /**
   * The settings of a run.
   *
   * @param seed the seed of all random numbers; printed with the matrix
   * @param stressMillis the duration of each stress cell
   * @param only runs cases whose name contains this; empty for all
   */
  public record Options(long seed, long stressMillis, String only) {
    /** All cases, with a new seed. */
    public static Options defaults() {
      return new Options(System.nanoTime(), 1000, "");
    }

    boolean selects(ConformanceCase row) {
      return row.name().contains(only);
    }
  }

  /** Is notified of each cell as it ends, on the thread that runs the matrix. */
  @FunctionalInterface
  public interface Listener {
    void cellEnded(CellResult cell);
  }

  /** All cases, in the order of the matrix. */
  public static List<ConformanceCase> cases() {
    return CaseCatalog.all();
  }

  /**
   * The engine of the real kernel.
   *
   * @throws UnsupportedOperationException on another operating system or architecture
   */
  public static Engine kernel() {
    return new LinuxEngine();
  }

  /** The engine of a simulated kernel, on any operating system. */
  public static Engine simulated() {
    return new SimulatedEngine();
  }

  /** Borrows the huge pages of all cases, as {@link #run(Engine, Options, Listener)} does. */
  public static HugePageLoan borrowHugePages(Engine engine) {
    return HugePageLoan.borrow(engine.kernel(), PageSize.HUGE_2M, HUGE_PAGES);
  }

  /** Runs the matrix on an engine. */
  public static Matrix run(Engine engine, Options options, Listener listener) {
    List<CellResult> cells = new ArrayList<>();
    try (HugePageLoan _ = borrowHugePages(engine)) {
      for (ConformanceCase row : cases()) {
        if (options.selects(row)) {
          for (MemoryType memory : MemoryType.values()) {
            if (row.memory().contains(memory)) {
              CellResult cell = run(engine, options, row, memory);
              listener.cellEnded(cell);
              cells.add(cell);
            }
          }
        }
      }
    }
    return new Matrix(engine.kernel().name(), options.seed(), cells);
  }

  /** Runs one cell. */
  public static CellResult run(
      Engine engine, Options options, ConformanceCase row, MemoryType memory) {
    return new CellRunner(engine, options.seed(), options.stressMillis(), CellRunner.BOUND_MILLIS)
        .run(row, memory);
  }
}
