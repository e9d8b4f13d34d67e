package io.faultline.uffd.conformance;

import java.util.Set;

/**
 * One row of the matrix: what is run on each kind of memory.
 *
 * @param group the group of the case
 * @param name short, unique
 * @param checks what it checks, in a line
 * @param memory the kinds of memory that it is run on
 * @param body the case; it returns where the engine behaves, and throws where it does not
 */
public record ConformanceCase(
    String group, String name, String checks, Set<MemoryType> memory, Body body) {
  /** The steps of a case. */
  @FunctionalInterface
  public interface Body {
    /** Runs on a fresh bench, in a thread of its own that may be interrupted. */
    void run(CaseContext bench) throws Exception;
  }

  public ConformanceCase {
    memory = Set.copyOf(memory);
  }
}
