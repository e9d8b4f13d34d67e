package io.faultline.uffd.conformance;

import java.util.Set;

/**
 * A group of cases.
 *
 * @param name the name of the group
 * @param memory the kinds of memory that its cases run on by default
 */
record CaseGroup(String name, Set<MemoryType> memory) {
  /** A case on the group's kinds of memory. */
  ConformanceCase row(String caseName, String checks, ConformanceCase.Body body) {
    return row(caseName, checks, memory, body);
  }

  /** A case on other kinds of memory. */
  ConformanceCase row(
      String caseName, String checks, Set<MemoryType> onMemory, ConformanceCase.Body body) {
    return new ConformanceCase(name, caseName, checks, onMemory, body);
  }
}
