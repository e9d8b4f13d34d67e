package io.faultline.cli.simulation.guest;

import io.faultline.memory.MemoryRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.SplittableRandom;

/** The expected content of one region of the guest, word by word, wherever the guest runs. */
final class RegionModel {
  static final int WORDS_PER_PAGE = 4096 / Long.BYTES;

  private final long[] words;
  private long[] atPause = new long[0];

  /** Base pages that the guest has accessed at the destination. */
  private final BitSet touched = new BitSet();

  RegionModel(int pages) {
    words = new long[pages * WORDS_PER_PAGE];
  }

  int pages() {
    return words.length / WORDS_PER_PAGE;
  }

  int wordCount() {
    return words.length;
  }

  /** Fills pages at random with zeros, compressible or incompressible data. */
  void fill(SplittableRandom random, boolean sparse) {
    for (int page = 0; page < pages(); page++) {
      int kind = random.nextInt(3);
      int words = sparse ? 4 : WORDS_PER_PAGE;
      long value = random.nextLong();
      for (int i = 0; i < words && kind > 0; i++) {
        value = kind == 1 ? value : value * 6364136223846793005L + 1442695040888963407L;
        this.words[page * WORDS_PER_PAGE + i] = value;
      }
    }
  }

  long get(int word) {
    return words[word];
  }

  void set(int word, long value) {
    words[word] = value;
  }

  /** Keeps a copy of the current content as that of the pause. */
  void snapshotAtPause() {
    atPause = words.clone();
  }

  void touch(int word) {
    touched.set(word / WORDS_PER_PAGE);
  }

  boolean isTouched(int page) {
    return touched.get(page);
  }

  /** Writes the expected content to memory that no userfaultfd watches. */
  void writeTo(MemoryRegion region) {
    MemorySegment.copy(words, 0, region.guest().data(), ValueLayout.JAVA_LONG, 0, words.length);
  }

  /** The first page of a region with unexpected content; -1 for none. */
  int firstWrongPage(MemoryRegion region) {
    long at = MemorySegment.ofArray(words).mismatch(region.guest().data());
    return at < 0 ? -1 : (int) (at / 4096);
  }

  /** Reads a word from the memory of a region. */
  static long read(MemoryRegion region, int word) {
    return region.guest().data().getAtIndex(ValueLayout.JAVA_LONG, word);
  }

  /** Whether {@code contents} equals the pages from {@code page} on when the VM was paused. */
  boolean matchesPause(int page, MemorySegment contents) {
    MemorySegment expected =
        MemorySegment.ofArray(atPause).asSlice(page * 4096L, contents.byteSize());
    return expected.mismatch(contents) < 0;
  }
}
