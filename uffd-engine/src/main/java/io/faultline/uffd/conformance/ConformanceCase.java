package io.faultline.uffd.conformance;

import java.util.Set;

/**
 * One row of the matrix: a case that runs on several kinds of memory.
 *
 * @param group the group of the case
 * @param name a short, unique name
 * @param checks what the case checks, in one line
 * @param memory the kinds of memory that it runs on
 * @param body the code of the case; it returns if the engine behaves as expected, else it throws
 */
public record ConformanceCase(
    String group, String name, String checks, Set<MemoryType> memory, Body body) {
  /** The code of a case. */
  @FunctionalInterface
  public interface Body {
    /** Runs in a new context, on its own thread, which may be interrupted. */
    void run(CaseContext context) throws Exception;
  }

  public ConformanceCase {
    memory = Set.copyOf(memory);
  }
}
