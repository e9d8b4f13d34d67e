package io.faultline.uffd.simulated.process;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * The contents of the pages of a dump, computed from their addresses: some are all zeros, in runs
 * of two. Immutable.
 */
public final class DumpContents {
  static final int WORDS = 512;

  /** Of so many runs of two pages one is of zeros. */
  private static final int ZEROS_STEP = 5;

  private static final int ZEROS_SHIFT = 13;

  private final long seed;

  DumpContents(long seed) {
    this.seed = seed;
  }

  /** The word at an index, 0 to 511, of the page at an address of the dump. 0 in pages of zeros. */
  long word(long pageAddress, int index) {
    if ((pageAddress >>> ZEROS_SHIFT) % ZEROS_STEP == 0) {
      return 0;
    }
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
