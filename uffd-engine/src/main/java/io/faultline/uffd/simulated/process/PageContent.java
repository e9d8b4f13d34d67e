package io.faultline.uffd.simulated.process;

/**
 * What a page of a process contains: a page of the dump or zeros, with or without a value that the
 * process stored in word {@link #STORED_WORD}. Or nothing, if the page is not mapped.
 *
 * @param dumpAddress the page of the dump, or {@link #ZEROS}, or {@link #UNMAPPED}
 * @param stored the stored value, 0 for none
 */
record PageContent(long dumpAddress, long stored) {
  static final int STORED_WORD = 1;

  private static final long ZEROS = -1;
  private static final long UNMAPPED = -2;

  static final PageContent NOTHING = new PageContent(UNMAPPED, 0);
  static final PageContent ZERO = new PageContent(ZEROS, 0);

  static PageContent ofDump(long dumpAddress) {
    return new PageContent(dumpAddress, 0);
  }

  boolean isMapped() {
    return dumpAddress != UNMAPPED;
  }

  PageContent withStored(long value) {
    return new PageContent(dumpAddress, value);
  }

  /** The value of a word. Not for an unmapped page. */
  long word(DumpContents dump, int index) {
    if (index == STORED_WORD && stored != 0) {
      return stored;
    }
    return dumpAddress == ZEROS ? 0 : dump.word(dumpAddress, index);
  }
}
