package io.faultline.uffd.conformance;

import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.PageSize;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds an engine to what the Linux kernel is known to do: a matrix of cases and kinds of memory.
 *
 * <p>A cell whose engine or machine lacks something is not supported, with the reason. Every wait
 * is bounded; a cell that hangs fails, and its threads are released. Huge pages that are missing
 * are borrowed for the run where this process may.
 */
public final class Conformance {
  /** 2 MiB pages that the cases use, at most. */
  static final long HUGE_PAGES = 24;

  private Conformance() {}

  /**
   * How to run.
   *
   * @param seed of everything random; printed with the matrix
   * @param stressMillis how long each stress cell runs
   * @param only the part of a case's name that selects it; empty for all
   */
  public record Options(long seed, long stressMillis, String only) {
    /** All cases, with a seed of the moment. */
    public static Options defaults() {
      return new Options(System.nanoTime(), 1000, "");
    }

    boolean selects(ConformanceCase row) {
      return row.name().contains(only);
    }
  }

  /** Hears of each cell as it ends, in the thread that runs the matrix. */
  @FunctionalInterface
  public interface Listener {
    void cellEnded(CellResult cell);
  }

  /** All cases, in the order of the matrix. */
  public static List<ConformanceCase> cases() {
    return Catalog.all();
  }

  /**
   * The real kernel.
   *
   * @throws UnsupportedOperationException on another system or machine
   */
  public static Rig kernel() {
    return new LinuxRig();
  }

  /** A simulated kernel, on any system. */
  public static Rig simulated() {
    return new SimulatedRig();
  }

  /** Borrows what the cases need; {@link #run(Rig, Options, Listener)} does so by itself. */
  public static HugePageLoan borrowHugePages(Rig rig) {
    return HugePageLoan.borrow(rig.kernel(), PageSize.HUGE_2M, HUGE_PAGES);
  }

  /** Runs the matrix on an engine. */
  public static Matrix run(Rig rig, Options options, Listener listener) {
    List<CellResult> cells = new ArrayList<>();
    try (HugePageLoan _ = borrowHugePages(rig)) {
      for (ConformanceCase row : cases()) {
        if (options.selects(row)) {
          for (MemoryType memory : MemoryType.values()) {
            if (row.memory().contains(memory)) {
              CellResult cell = run(rig, options, row, memory);
              listener.cellEnded(cell);
              cells.add(cell);
            }
          }
        }
      }
    }
    return new Matrix(rig.kernel().name(), options.seed(), cells);
  }

  /** Runs one cell. */
  public static CellResult run(Rig rig, Options options, ConformanceCase row, MemoryType memory) {
    return new CellRunner(rig, options.seed(), options.stressMillis(), CellRunner.BOUND_MILLIS)
        .run(row, memory);
  }
}
