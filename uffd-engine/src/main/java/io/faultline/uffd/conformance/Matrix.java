package io.faultline.uffd.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of one run.
 *
 * @param engine {@code kernel} or {@code simulated}
 * @param seed the seed of all random numbers
 * @param cells the results, in the order of the cases, then of the memory types
 */
public record Matrix(String engine, long seed, List<CellResult> cells) {
  public Matrix {
    cells = List.copyOf(cells);
  }

  /** The number of cells with a verdict. */
  public long count(Verdict verdict) {
    return cells.stream().filter(cell -> cell.verdict() == verdict).count();
  }

  /** The cells that failed. */
  public List<CellResult> failures() {
    return cells.stream().filter(cell -> cell.verdict() == Verdict.FAIL).toList();
  }

  /**
   * The cells on which two engines disagree, one line each. A cell that one of them does not
   * support is no difference: its reason is in that engine's matrix.
   */
  public List<String> differences(Matrix other) {
    Map<String, CellResult> others = new LinkedHashMap<>();
    other.cells.forEach(cell -> others.put(cell.cell(), cell));
    List<String> differences = new ArrayList<>();
    for (CellResult mine : cells) {
      CellResult theirs = others.get(mine.cell());
      if (theirs == null) {
        differences.add(mine.cell() + ": only run on " + engine);
      } else if (disagree(mine, theirs)) {
        differences.add(
            mine.cell() + ": " + describe(engine, mine) + "; " + describe(other.engine, theirs));
      }
    }
    return differences;
  }

  private static boolean disagree(CellResult one, CellResult two) {
    return one.verdict() != two.verdict()
        && one.verdict() != Verdict.NOT_SUPPORTED
        && two.verdict() != Verdict.NOT_SUPPORTED;
  }

  private static String describe(String engine, CellResult cell) {
    String reason = cell.reason().isEmpty() ? "" : " (" + cell.reason() + ")";
    return engine + " " + cell.verdict() + reason;
  }

  /** The matrix in human-readable form: rows of cases, columns of memory, then the reasons. */
  public String print() {
    return new MatrixPrinter(this).print();
  }
}
