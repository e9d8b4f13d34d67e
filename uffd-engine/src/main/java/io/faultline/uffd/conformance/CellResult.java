package io.faultline.uffd.conformance;

/**
 * One cell of the matrix.
 *
 * @param group of the case
 * @param name of the case
 * @param memory the column
 * @param verdict what came of it
 * @param reason why it failed or is not supported; empty for a pass
 * @param millis how long it took
 */
public record CellResult(
    String group, String name, MemoryType memory, Verdict verdict, String reason, long millis) {
  /** The cell's name: {@code zeropage/hugetlb}. */
  public String cell() {
    return name + "/" + memory.title();
  }
}
