package io.faultline.uffd.conformance;

/**
 * The result of one cell of the matrix.
 *
 * @param group the group of the case
 * @param name the name of the case
 * @param memory the column
 * @param verdict the verdict
 * @param reason why the case failed or is not supported; empty if it passed
 * @param millis its duration
 */
public record CellResult(
    String group, String name, MemoryType memory, Verdict verdict, String reason, long millis) {
  /** The cell's name: {@code zeropage/hugetlb}. */
  public String cell() {
    return name + "/" + memory.title();
  }
}
