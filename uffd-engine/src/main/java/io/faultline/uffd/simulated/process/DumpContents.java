package io.faultline.uffd.simulated.process;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** The contents of the pages of a dump, computed from their addresses. Immutable. */
public final class DumpContents {
  static final int WORDS = 512;

  private final long seed;

  DumpContents(long seed) {
    this.seed = seed;
  }

  /** The word at an index, 0 to 511, of the page at an address of the dump. Never 0. */
  long word(long pageAddress, int index) {
    long mixed = (pageAddress + index) * 0x9e3779b97f4a7c15L ^ seed;
    return mixed == 0 ? 1 : mixed;
  }

  /**
   * Writes the contents of a page.
   *
   * @param pageAddress its address at the time of the dump
   * @param target at least 4096 bytes of native memory
   */
  public void write(long pageAddress, MemorySegment target) {
    for (int index = 0; index < WORDS; index++) {
      target.set(JAVA_LONG, (long) index * Long.BYTES, word(pageAddress, index));
    }
  }
}
